(** What a refutation adds up, and what its bound means.

    [back_ok]: the affine function that [back] returns is a positive multiple of the sum of the signed rows.
    [bound_ok]: its bound on the domain is one.  [vanishes_ok]: a unit whose row is called zero is zero at every input,
    and conversely. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Checker.
Import ListNotations.
Open Scope Q_scope.

(** ** What a domain means *)

Definition in_side (scale : positive) (side : Z * Z) (x : Q) : Prop :=
  qz (fst side) <= qz (Zpos scale) * x /\ qz (Zpos scale) * x <= qz (snd side).

Definition in_domain (dim : nat) (dom : domain) (x : list Q) : Prop :=
  length x = dim /\
  match dom with
  | Space => True
  | Box scale sides => Forall2 (in_side scale) sides x
  | Polyhedron _ ineqs eqs => Forall (fun r => 0 <= dot r (1 :: x)) ineqs /\ Forall (fun r => dot r (1 :: x) == 0) eqs
  end.

(** ** The sum of a refutation *)

Fixpoint Ssum (D : list bool) (zs : list Q) (ys : list Z) : Q :=
  match D, zs with
  | b :: D', z :: zs' => qz (hd 0%Z ys) * (if b then z else - z) + Ssum D' zs' (tl ys)
  | _, _ => 0
  end.

Lemma Ssum_nil_r D ys : Ssum D [] ys = 0.
Proof. destruct D; reflexivity. Qed.

Lemma skipn_cons_tl {A} k (l : list A) : skipn (S k) l = skipn k (tl l).
Proof. destruct l; simpl; [rewrite skipn_nil|]; reflexivity. Qed.

Lemma Ssum_app q h ns : forall D ys zs,
  Ssum D (fzs q h ns D ++ zs) ys ==
  Ssum D (fzs q h ns D) ys + Ssum (skipn (units_of ns) D) zs (skipn (units_of ns) ys).
Proof.
  induction ns as [|n ns IH]; intros D ys zs.
  - cbn. rewrite Ssum_nil_r. ring.
  - rewrite units_of_cons. cbn [fzs]. destruct (is_unit n).
    + destruct D as [|b D].
      * rewrite skipn_nil. cbn. ring.
      * change (1 + units_of ns)%nat with (S (units_of ns)). rewrite (skipn_cons_tl _ ys). cbn [app Ssum skipn].
        rewrite IH. ring.
    + apply IH.
Qed.

Fixpoint sumN (ms : list Z) (ns : list neuron) (h : list Q) : Q :=
  match ms, ns with
  | m :: ms', n :: ns' => qz m * (dot (weights n) h + qz (bias n)) + sumN ms' ns' h
  | _, _ => 0
  end.

Lemma combine_rows_ok ms : forall ns h,
  dot (fst (combine_rows ms ns)) h + qz (snd (combine_rows ms ns)) == sumN ms ns h.
Proof.
  induction ms as [|m ms IH]; intros ns h; [reflexivity|]. destruct ns as [|n ns]; [reflexivity|].
  cbn [combine_rows sumN]. rewrite <- IH. destruct (combine_rows ms ns) as [v c].
  destruct (Z.eqb_spec m 0) as [->|_]; cbn [fst snd].
  - change (qz 0) with 0. ring.
  - rewrite dot_vadd, dot_vscale, qz_add, qz_mul. ring.
Qed.

Lemma dot_hd_tl v x0 x : dot v (x0 :: x) == qz (hd 0%Z v) * x0 + dot (tl v) x.
Proof. destruct v; cbn; [unfold qz; cbn; ring|reflexivity]. Qed.

Lemma pre_scaled q h n : dot (weights n) h + qz (bias n) == qz (Zpos q) * pre q h n.
Proof.
  unfold pre. transitivity ((dot (weights n) h + qz (bias n)) * ([/q] * qz (Zpos q))); [rewrite inv_mul|]; ring.
Qed.

Lemma cancel_slope s a b c d : a * qz (Zpos s) * (b * (c * d * [/s])) == a * b * c * d.
Proof. transitivity (a * b * c * d * ([/s] * qz (Zpos s))); [ring|rewrite inv_mul; ring]. Qed.

Lemma coefs_ok (q s : positive) (d : positive) h ns : forall D ys v,
  sumN (coefs (Zpos (s * d)) ns D ys v) ns h ==
  qz (Zpos q) * qz (Zpos s) * dot v (fout q s h ns D) +
  qz (Zpos (s * d)) * qz (Zpos q) * Ssum D (fzs q h ns D) ys.
Proof.
  induction ns as [|n ns IH]; intros D ys v.
  - cbn [coefs sumN fout fzs]. rewrite dot_nil_r, Ssum_nil_r. change (0 == qz (Zpos q) * qz (Zpos s) * 0 + qz (Zpos (s * d)) * qz (Zpos q) * 0). ring.
  - cbn [coefs fout fzs]. destruct (is_unit n).
    + destruct D as [|b D]; cbn [sumN]; rewrite IH, dot_hd_tl.
      * cbn [Ssum]. change (qz 0) with 0. ring.
      * cbn [Ssum]. rewrite (pre_scaled q).
        assert (E : qz (hd 0%Z v * slope n b + (if b then Zpos (s * d) * hd 0%Z ys else - (Zpos (s * d) * hd 0%Z ys)))
                    * (qz (Zpos q) * pre q h n)
                 == qz (Zpos q) * qz (Zpos s) * (qz (hd 0%Z v) * (qz (slope n b) * pre q h n * [/s]))
                  + qz (Zpos (s * d)) * qz (Zpos q) * (qz (hd 0%Z ys) * (if b then pre q h n else - pre q h n))).
        { rewrite cancel_slope, qz_add, qz_mul. destruct b; rewrite ?qz_opp, qz_mul; ring. }
        rewrite E. ring.
    + cbn [sumN]. rewrite IH, dot_hd_tl, (pre_scaled q).
      assert (E : qz (hd 0%Z v * neg n) * (qz (Zpos q) * pre q h n)
               == qz (Zpos q) * qz (Zpos s) * (qz (hd 0%Z v) * (qz (neg n) * pre q h n * [/s]))).
      { rewrite cancel_slope, qz_mul. ring. }
      rewrite E. ring.
Qed.

(** [back] returns the sum of the signed rows as an affine function of the input, times a positive number. *)
Theorem back_ok net : forall D ys h v c d, back net D ys = (v, c, d) ->
  dot v h + qz c == qz (Zpos d) * Ssum D (fpre net D h) ys.
Proof.
  induction net as [|L net IH]; intros D ys h v c d B.
  - cbn in B. injection B as <- <- <-. cbn [fpre]. rewrite Ssum_nil_r. reflexivity.
  - destruct D as [|b0 D0].
    + cbn in B. injection B as <- <- <-. reflexivity.
    + remember (b0 :: D0) as D. assert (B' : back (L :: net) D ys =
        (let k := units_of (neurons L) in
         let '(v, c, d) := back net (skipn k D) (skipn k ys) in
         let s := (slope_den L * d)%positive in
         let (w, b) := combine_rows (coefs (Zpos s) (neurons L) D ys v) (neurons L) in
         (w, (b + c * Zpos (slope_den L * den L))%Z, (s * den L)%positive))) by (subst D; reflexivity).
      rewrite B' in B. clear B' HeqD. cbv zeta in B. cbn [fpre].
      set (k := units_of (neurons L)) in *.
      destruct (back net (skipn k D) (skipn k ys)) as [[v' c'] d'] eqn:E.
      specialize (IH _ _ (fout (den L) (slope_den L) h (neurons L) D) _ _ _ E).
      pose proof (combine_rows_ok (coefs (Zpos (slope_den L * d')) (neurons L) D ys v') (neurons L) h) as C.
      destruct (combine_rows _ _) as [w b]. cbn [fst snd] in C. injection B as <- <- <-.
      rewrite (coefs_ok (den L)) in C.
      unfold k in *. rewrite Ssum_app. rewrite qz_add, qz_mul.
      rewrite !Pos2Z.inj_mul, !qz_mul in *.
      set (S1 := Ssum D (fzs _ _ _ _) _) in *. set (S2 := Ssum (skipn _ D) _ _) in *.
      set (dv := dot v' _) in *.
      transitivity (dot w h + qz b + qz c' * (qz (Zpos (slope_den L)) * qz (Zpos (den L)))); [ring|].
      rewrite C.
      transitivity (qz (Zpos (den L)) * qz (Zpos (slope_den L)) * (dv + qz c') +
                    qz (Zpos (slope_den L)) * qz (Zpos d') * qz (Zpos (den L)) * S1); [ring|].
      rewrite IH. ring.
Qed.

(** ** Signs of the sum *)

Lemma Ssum_nonneg D : forall zs ys, Forall2 weakly D zs -> forallb (Z.leb 0) ys = true -> 0 <= Ssum D zs ys.
Proof.
  induction D as [|b D IH]; intros zs ys F N; inversion F as [|? z ? zs' W F']; subst; cbn [Ssum]; [lra|].
  assert (N' : forallb (Z.leb 0) (tl ys) = true) by (destruct ys; cbn in *; [reflexivity|apply andb_prop in N; tauto]).
  specialize (IH _ _ F' N'). assert (Y : 0 <= qz (hd 0%Z ys)).
  { destruct ys as [|y0 ys]; cbn in *; [discriminate|]. apply andb_prop in N as [N _]. apply Z.leb_le in N.
    apply (qz_le 0). exact N. }
  assert (T : 0 <= (if b then z else - z)) by (unfold weakly, sign in W; destruct b; lra).
  pose proof (Qmult_le_0_compat _ _ Y T). lra.
Qed.

Lemma Ssum_strict D : forall zs ys u b z, Forall2 weakly D zs -> forallb (Z.leb 0) ys = true ->
  (0 < nth u ys 0)%Z -> nth_error D u = Some b -> nth_error zs u = Some z -> ~ z == 0 -> 0 < Ssum D zs ys.
Proof.
  induction D as [|b0 D IH]; intros zs ys u b z F N U HD HZ Z0; [destruct u; discriminate|].
  inversion F as [|? z0 ? zs' W F']; subst. cbn [Ssum].
  destruct ys as [|y0 ys]; [destruct u; cbn in U; lia|].
  cbn in N. apply andb_prop in N as [N0 N]. apply Z.leb_le in N0. cbn [hd tl].
  destruct u as [|u]; cbn in U, HD, HZ.
  - injection HD as ->. injection HZ as ->. pose proof (Ssum_nonneg _ _ _ F' N).
    assert (Y : 0 < qz y0) by (apply (qz_lt 0); exact U).
    assert (T : 0 < (if b then z else - z)).
    { unfold weakly, sign in W. destruct b.
      - destruct (Qlt_le_dec 0 z); [lra|]. exfalso. apply Z0. lra.
      - destruct (Qlt_le_dec z 0); [lra|]. exfalso. apply Z0. lra. }
    pose proof (Qmult_lt_0_compat _ _ Y T). lra.
  - pose proof (IH _ _ _ _ _ F' N U HD HZ Z0).
    assert (Y : 0 <= qz y0) by (apply (qz_le 0); exact N0).
    assert (T : 0 <= (if b0 then z0 else - z0)) by (unfold weakly, sign in W; destruct b0; lra).
    pose proof (Qmult_le_0_compat _ _ Y T). lra.
Qed.

(** ** Bounds on the domain *)

Lemma box_maximum_ok scale sides : forall x v, Forall2 (in_side scale) sides x ->
  qz (Zpos scale) * dot v x <= qz (box_maximum v sides).
Proof.
  induction sides as [|[l u] sides IH]; intros x v F; inversion F as [|? y ? x' I F']; subst.
  - rewrite dot_nil_r. replace (box_maximum v []) with 0%Z by (destruct v; reflexivity). change (qz 0) with 0. lra.
  - destruct v as [|a v]; [change (qz (Zpos scale) * 0 <= 0); lra|]. cbn [dot box_maximum]. specialize (IH _ v F').
    destruct I as [Hl Hu]. cbn [fst snd] in *. rewrite qz_add.
    assert (T : qz (Zpos scale) * (qz a * y) <= qz (if 0 <=? a then a * u else a * l)%Z).
    { destruct (Z.leb_spec 0 a) as [A|A]; rewrite qz_mul.
      - apply (qz_le 0) in A. change (qz 0) with 0 in A.
        pose proof (Qmult_le_0_compat (qz a) (qz u - qz (Zpos scale) * y) A ltac:(lra)). lra.
      - apply qz_lt in A. change (qz 0) with 0 in A.
        pose proof (Qmult_le_0_compat (- qz a) (qz (Zpos scale) * y - qz l) ltac:(lra) ltac:(lra)). lra. }
    lra.
Qed.

Lemma slack_eqs x eqs : forall ds, Forall (fun r => dot r x == 0) eqs -> dot (slack_sum ds eqs) x == 0.
Proof.
  induction eqs as [|r eqs IH]; intros ds F; destruct ds as [|m ds]; cbn; try reflexivity.
  inversion F; subst. destruct (m =? 0)%Z; [apply IH; assumption|].
  rewrite dot_vadd, dot_vscale, H1, IH by assumption. ring.
Qed.

Lemma slack_sum_ok x ineqs : forall eqs ds, Forall (fun r => 0 <= dot r x) ineqs -> Forall (fun r => dot r x == 0) eqs ->
  forallb (Z.leb 0) (firstn (length ineqs) ds) = true -> 0 <= dot (slack_sum ds (ineqs ++ eqs)) x.
Proof.
  induction ineqs as [|r ineqs IH]; intros eqs ds F G N.
  - cbn [app]. rewrite slack_eqs by assumption. lra.
  - destruct ds as [|m ds]; [cbn; lra|]. cbn in N. apply andb_prop in N as [M N]. apply Z.leb_le in M.
    inversion F; subst. specialize (IH _ _ H2 G N). cbn [app slack_sum].
    destruct (Z.eqb_spec m 0); [assumption|]. rewrite dot_vadd, dot_vscale.
    apply (qz_le 0) in M. change (qz 0) with 0 in M. pose proof (Qmult_le_0_compat _ _ M H1). lra.
Qed.

Lemma bound_ok dim dom x v c d ds t : in_domain dim dom x -> bound dom v c d ds = Some t ->
  exists k : positive, qz (Zpos k) * (dot v x + qz c) <= qz t.
Proof.
  intros [_ H] B. destruct dom as [|scale sides|scale ineqs eqs]; cbn [bound] in B.
  - destruct (forallb is_zero v) eqn:Z0; [|discriminate]. injection B as <-. exists 1%positive.
    rewrite (dot_zero _ Z0). change (qz 1) with 1. lra.
  - assert (t = (Zpos scale * c + box_maximum v sides)%Z) as -> by congruence.
    exists scale. pose proof (box_maximum_ok _ _ _ v H). rewrite qz_add, qz_mul. lra.
  - destruct (forallb _ (firstn _ _)) eqn:N; [|discriminate]. destruct H as [F G].
    pose proof (slack_sum_ok (1 :: x) ineqs eqs ds F G N) as S.
    set (sum := slack_sum ds (ineqs ++ eqs)) in *.
    pose proof (dot_vadd (vscale (Zpos scale) (c :: v)) (vscale (Zpos d) sum) (1 :: x)) as E.
    destruct (vadd (vscale (Zpos scale) (c :: v)) _) as [|t' w]; [discriminate|].
    destruct (forallb is_zero w) eqn:Z0; [|discriminate]. injection B as <-. exists scale.
    rewrite !dot_vscale in E. cbn [dot] in E. rewrite (dot_zero _ Z0) in E.
    pose proof (Qmult_le_0_compat (qz (Zpos d)) _ ltac:(apply Qlt_le_weak, qz_pos) S). lra.
Qed.

(** ** Zero rows *)

Lemma Ssum_unit_vector D : forall zs u b z, nth_error D u = Some b -> nth_error zs u = Some z ->
  Ssum D zs (unit_vector u) == (if b then z else - z).
Proof.
  assert (Nil : forall D zs, Ssum D zs [] == 0).
  { induction D0 as [|b D0 IH]; intros zs; cbn; [reflexivity|]. destruct zs; [reflexivity|].
    rewrite IH. unfold qz. cbn. ring. }
  induction D as [|b0 D IH]; intros zs u b z HD HZ; [destruct u; discriminate|].
  destruct zs as [|z0 zs]; [destruct u; discriminate|].
  destruct u as [|u]; cbn in HD, HZ.
  - injection HD as ->. injection HZ as ->. cbn. rewrite Nil. unfold qz. cbn. ring.
  - change (unit_vector (S u)) with (0%Z :: unit_vector u). cbn [Ssum hd tl]. rewrite (IH _ _ _ _ HD HZ).
    unfold qz. cbn. ring.
Qed.

Lemma dot_firstn v : forall x, dot (firstn (length x) v) x == dot v x.
Proof.
  induction v as [|a v IH]; intros x; [rewrite firstn_nil; reflexivity|].
  destruct x; cbn; [reflexivity|]. rewrite IH. reflexivity.
Qed.

(** [vanishes] decides whether the forced preactivation is zero at every input. *)
Lemma vanishes_ok net dim D u b : nth_error D u = Some b -> (u < units net)%nat ->
  (vanishes net dim D u = true <->
   forall x z, length x = dim -> nth_error (fpre net D x) u = Some z -> z == 0).
Proof.
  intros HD HU. unfold vanishes. destruct (back net D (unit_vector u)) as [[v c] d] eqn:E.
  assert (V : forall x z, nth_error (fpre net D x) u = Some z -> dot v x + qz c == qz (Zpos d) * (if b then z else - z)).
  { intros x z HZ. rewrite (back_ok _ _ _ x _ _ _ E), (Ssum_unit_vector _ _ _ _ _ HD HZ). reflexivity. }
  assert (X : forall x, exists z, nth_error (fpre net D x) u = Some z).
  { intros x. destruct (nth_error (fpre net D x) u) eqn:N; [eauto|]. exfalso. apply nth_error_None in N.
    rewrite fpre_length in N. assert (u < length D)%nat by (apply nth_error_Some; congruence). lia. }
  pose proof (qz_pos d) as P. split.
  - intros T x z L HZ. apply andb_prop in T as [C W]. unfold is_zero in C. apply Z.eqb_eq in C. subst c.
    specialize (V x z HZ). rewrite <- dot_firstn, L, (dot_zero _ W) in V. change (qz 0) with 0 in V.
    assert (M : qz (Zpos d) * z == 0) by (destruct b; lra).
    apply Qmult_integral in M as [M|M]; [rewrite M in P; discriminate|exact M].
  - intros A. destruct (is_zero c) eqn:C; cbn [andb].
    + destruct (forallb is_zero (firstn dim v)) eqn:W; [reflexivity|exfalso].
      apply dot_nonzero in W as (x & L & NZ). destruct (X x) as [z HZ]. specialize (A x z L HZ).
      apply NZ. specialize (V x z HZ). unfold is_zero in C. apply Z.eqb_eq in C. subst c. change (qz 0) with 0 in V.
      assert (S : (if b then z else - z) == 0) by (destruct b; lra). rewrite S in V. lra.
    + exfalso. destruct (X (repeat 0 dim)) as [z HZ]. specialize (A _ z (repeat_length _ _) HZ).
      specialize (V _ z HZ). assert (Z0 : forall v n, dot v (repeat 0 n) == 0).
      { induction v0 as [|a v0 IH]; intros [|n]; cbn; try reflexivity. rewrite IH. ring. }
      rewrite Z0 in V. assert (S : (if b then z else - z) == 0) by (destruct b; lra). rewrite S in V.
      assert (Q0 : qz c == 0) by lra. unfold is_zero in C. apply Z.eqb_neq in C. apply C.
      unfold qz, Qeq in Q0. cbn in Q0. lia.
Qed.
