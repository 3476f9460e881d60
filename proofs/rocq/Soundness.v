(** The checker is sound: if [check] returns true, then the listed configurations are exactly those that occur.

    [check_sound_half_open], [check_sound_closed] and [check_sound_full] are the statements for the three notions of the
    format; [check_distinct] says that no configuration is listed twice. *)

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

(** ** Refutations *)

(** No unit is zero at [x], except those whose row under [D] is zero: what the notion [Full] asks of a point. *)
Definition generic (net : network) (dim : nat) (D : list bool) (x : list Q) : Prop :=
  forall u z, nth_error (fpre net D x) u = Some z ->
    ~ z == 0 \/ (forall x' z', length x' = dim -> nth_error (fpre net D x') u = Some z' -> z' == 0).

Definition has_configuration (k : notion) (net : network) (dim : nat) (D : list bool) (x : list Q) : Prop :=
  length D = units net /\ in_cell k net D x /\ (k = Full -> generic net dim D x).

Lemma nth_some {A} (d : A) l u : (u < length l)%nat -> nth_error l u = Some (nth u l d).
Proof. revert u. induction l; intros [|u] H; cbn in *; try lia; [reflexivity|]. apply IHl. lia. Qed.

Lemma in_cell_prefix k net p r x : in_cell k net (p ++ r) x -> (length p <= units net)%nat -> in_cell k net p x.
Proof.
  unfold in_cell. intros F L. destruct (fpre_app net p r x) as [t E]. rewrite E in F.
  assert (Len : length (fpre net p x) = length p) by (rewrite fpre_length; lia).
  apply Forall2_split in F as [F _]. rewrite Len, firstn_app, firstn_all, Nat.sub_diag in F. cbn in F.
  rewrite app_nil_r in F. exact F.
Qed.

Lemma generic_prefix net dim p r x : generic net dim (p ++ r) x -> generic net dim p x.
Proof.
  intros G u z HZ. destruct (fpre_app net p r x) as [t E].
  assert (U : (u < length (fpre net p x))%nat) by (apply nth_error_Some; congruence).
  destruct (G u z) as [N|N]; [rewrite E, nth_error_app1 by exact U; exact HZ|left; exact N|right].
  intros x' z' L HZ'. destruct (fpre_app net p r x') as [t' E'].
  assert (U' : (u < length (fpre net p x'))%nat) by (apply nth_error_Some; congruence).
  apply (N x' z' L). rewrite E', nth_error_app1 by exact U'. exact HZ'.
Qed.

Lemma sign_strict k z : k <> Closed -> sign k true z -> ~ z == 0.
Proof. intros N S E. destruct k; cbn in S; try lra. congruence. Qed.

Theorem refuted_ok k net dim dom p ys ds x : (length p <= units net)%nat ->
  refuted k net dim dom p ys ds = true -> in_domain dim dom x ->
  in_cell k net p x -> (k = Full -> generic net dim p x) -> False.
Proof.
  intros L R Dx C G. unfold refuted in R. apply andb_prop in R as [N R].
  destruct (back net p ys) as [[v c] d] eqn:B. destruct (bound dom v c d ds) as [t|] eqn:T; [|discriminate].
  destruct (bound_ok _ _ _ _ _ _ _ _ Dx T) as [j J]. rewrite (back_ok _ _ _ x _ _ _ B) in J.
  assert (W : Forall2 weakly p (fpre net p x)).
  { eapply Forall2_impl; [|exact C]. intros a b. apply sign_weakly. }
  pose proof (Ssum_nonneg _ _ _ W N) as S0.
  pose proof (qz_pos j) as Pj. pose proof (qz_pos d) as Pd.
  apply orb_prop in R as [R|R].
  - apply Z.ltb_lt, qz_lt in R. change (qz 0) with 0 in R.
    pose proof (Qmult_le_0_compat (qz (Zpos j)) _ ltac:(lra)
      (Qmult_le_0_compat (qz (Zpos d)) _ ltac:(lra) S0)). lra.
  - apply andb_prop in R as [R S]. apply Z.eqb_eq in R. subst t. change (qz 0) with 0 in J.
    assert (P : 0 < Ssum p (fpre net p x) ys).
    { assert (Lz : length (fpre net p x) = length p) by (rewrite fpre_length; lia).
      unfold strict in S. destruct k; [| |discriminate].
      - apply existsb_exists in S as (u & I & S). apply in_seq in I. apply andb_prop in S as [Y S].
        apply Z.ltb_lt in Y. assert (U : (u < length p)%nat) by lia.
        pose proof (nth_some false p u U) as Hb. pose proof (nth_some 0 (fpre net p x) u ltac:(lia)) as Hz.
        eapply Ssum_strict; [exact W|exact N|exact Y|exact Hb|exact Hz|].
        destruct (G eq_refl u _ Hz) as [NZ|V]; [exact NZ|].
        apply orb_prop in S as [S|S].
        + rewrite S in Hb. destruct (Forall2_nth_error _ _ _ C _ _ Hb) as (z & Hz' & Sz).
          rewrite Hz' in Hz. injection Hz as <-. apply (sign_strict Full); [discriminate|exact Sz].
        + exfalso. apply negb_true_iff in S. apply (vanishes_ok net dim p u _ Hb) in V; [congruence|lia].
      - apply existsb_exists in S as (u & I & S). apply in_seq in I. apply andb_prop in S as [Y S].
        apply Z.ltb_lt in Y. assert (U : (u < length p)%nat) by lia.
        pose proof (nth_some false p u U) as Hb. pose proof (nth_some 0 (fpre net p x) u ltac:(lia)) as Hz.
        rewrite S in Hb. eapply Ssum_strict; [exact W|exact N|exact Y|exact Hb|exact Hz|].
        destruct (Forall2_nth_error _ _ _ C _ _ Hb) as (z & Hz' & Sz).
        rewrite Hz' in Hz. injection Hz as <-. apply (sign_strict HalfOpen); [discriminate|exact Sz]. }
    pose proof (Qmult_lt_0_compat _ _ Pj (Qmult_lt_0_compat _ _ Pd P)). lra.
Qed.

(** ** Witnesses *)

(** [H / P] is the point [h]. *)
Definition over (P : positive) : list Z -> list Q -> Prop := Forall2 (fun a x => qz (Zpos P) * x == qz a).

Lemma zdot_ok P a : forall H h, over P H h -> qz (zdot a H) == qz (Zpos P) * dot a h.
Proof.
  induction a as [|a0 a IH]; intros H h O; [unfold qz; cbn; ring|].
  inversion O; subst; [unfold qz; cbn; ring|].
  cbn [zdot dot]. rewrite qz_add, qz_mul, (IH _ _ H1), <- H0. ring.
Qed.

Definition multiple (a : Z) (x : Q) : Prop := exists K : positive, qz (Zpos K) * x == qz a.

Section Layer.
Variables (q s P : positive) (H : list Z) (h : list Q).
Hypothesis O : over P H h.
Let value (n : neuron) : Z := (zdot (weights n) H + bias n * Zpos P)%Z.

Lemma value_ok n : qz (value n) == qz (Zpos (q * P)) * pre q h n.
Proof.
  unfold value. rewrite qz_add, qz_mul, (zdot_ok _ _ _ _ O), Pos2Z.inj_mul, qz_mul.
  transitivity (qz (Zpos P) * (dot (weights n) h + qz (bias n))); [ring|]. rewrite (pre_scaled q). ring.
Qed.

Lemma unit_values_ok ns : forall D, Forall2 multiple (unit_values ns (map value ns) D) (fzs q h ns D).
Proof.
  induction ns as [|n ns IH]; intros D; cbn; [constructor|].
  destruct (is_unit n); [|apply IH]. destruct D; constructor; [|apply IH].
  exists (q * P)%positive. symmetry. apply value_ok.
Qed.

Lemma out_ok n a : qz (Zpos (s * (q * P))) * (qz a * pre q h n * [/s]) == qz (a * value n).
Proof.
  rewrite qz_mul, value_ok, (Pos2Z.inj_mul s), qz_mul.
  transitivity (qz (Zpos (q * P)) * (qz a) * pre q h n * ([/s] * qz (Zpos s))); [ring|]. rewrite inv_mul. ring.
Qed.

Lemma out_values_ok ns : forall D, over (s * (q * P)) (out_values ns (map value ns) D) (fout q s h ns D).
Proof.
  induction ns as [|n ns IH]; intros D; cbn [map out_values fout]; [constructor|].
  destruct (is_unit n); [destruct D as [|b D]|]; constructor; try apply IH; try apply out_ok.
  unfold qz. cbn. ring.
Qed.
End Layer.

Lemma forward_ok net : forall D H P h, over P H h -> Forall2 multiple (forward net D H P) (fpre net D h).
Proof.
  induction net as [|L net IH]; intros D H P h O; cbn [forward fpre]; [constructor|].
  apply Forall2_app; [apply unit_values_ok, O|]. apply IH, out_values_ok, O.
Qed.

Lemma multiple_sign k b a x : multiple a x -> sign_b k b a = true -> sign k b x.
Proof.
  intros [K E] S. pose proof (qz_pos K) as P.
  assert (Pos : (0 < a)%Z -> 0 < x).
  { intros A. apply qz_lt in A. change (qz 0) with 0 in A. destruct (Qlt_le_dec 0 x) as [|X]; [assumption|].
    pose proof (Qmult_le_0_compat (qz (Zpos K)) (- x) ltac:(lra) ltac:(lra)). lra. }
  assert (Neg : (a < 0)%Z -> x < 0).
  { intros A. apply qz_lt in A. change (qz 0) with 0 in A. destruct (Qlt_le_dec x 0) as [|X]; [assumption|].
    pose proof (Qmult_le_0_compat (qz (Zpos K)) x ltac:(lra) ltac:(lra)). lra. }
  assert (Zer : (a = 0)%Z -> x == 0).
  { intros ->. change (qz 0) with 0 in E. apply Qmult_integral in E as [E|E]; [rewrite E in P; discriminate|exact E]. }
  destruct k, b; cbn in S |- *;
    (apply Z.ltb_lt in S || apply Z.leb_le in S);
    destruct (Z.lt_trichotomy a 0) as [A|[A|A]]; try (specialize (Pos A)); try (specialize (Neg A)); try (specialize (Zer A));
    try lia; lra.
Qed.

Lemma multiple_nonzero a x : multiple a x -> a <> 0%Z -> ~ x == 0.
Proof.
  intros [K E] A X. apply A. rewrite X in E. unfold qz, Qeq in E. cbn in E. lia.
Qed.

Lemma signs_ok k vanish D : forall u zs xs, signs k vanish u D zs = true -> Forall2 multiple zs xs ->
  Forall2 (sign k) D xs /\
  (k = Full -> forall i z, nth_error xs i = Some z -> ~ z == 0 \/ vanish (u + i)%nat = true).
Proof.
  induction D as [|b D IH]; intros u zs xs S F; destruct zs as [|a zs]; try discriminate.
  - inversion F; subst. split; [constructor|]. intros _ i z Hz. destruct i; discriminate.
  - inversion F as [|? x ? xs' M F']; subst. cbn in S. apply andb_prop in S as [S S3]. apply andb_prop in S as [S1 S2].
    destruct (IH _ _ _ S3 F') as [A B]. split; [constructor; [eapply multiple_sign; eassumption|exact A]|].
    intros -> i z Hz. destruct i as [|i]; cbn in Hz.
    + injection Hz as <-. rewrite Nat.add_0_r. apply orb_prop in S2 as [S2|S2]; [left|right; exact S2].
      apply negb_true_iff, Z.eqb_neq in S2. eapply multiple_nonzero; eassumption.
    + replace (u + S i)%nat with (S u + i)%nat by lia. apply B; [reflexivity|exact Hz].
Qed.

Definition point (P : positive) (X : list Z) : list Q := map (fun a => qz a * [/P]) X.

Lemma point_over P X : over P X (point P X).
Proof.
  unfold over, point. induction X as [|a X IH]; cbn; constructor; [|exact IH].
  transitivity (qz a * ([/P] * qz (Zpos P))); [ring|]. rewrite inv_mul. ring.
Qed.

Lemma inside_ok dim dom P X : length X = dim -> inside dom P X = true -> in_domain dim dom (point P X).
Proof.
  intros L I. split; [unfold point; rewrite map_length; exact L|].
  pose proof (qz_pos P) as PP. pose proof (point_over P X) as PO.
  destruct dom as [|scale sides|scale ineqs eqs]; cbn in I; [exact Logic.I| |].
  - clear L. unfold over in PO. remember (point P X) as x. clear Heqx. revert x PO I.
    revert X. induction sides as [|[l u] sides IH]; intros [|a X] x PO I; try discriminate; inversion PO; subst; constructor.
    + cbn in I. apply andb_prop in I as [I _]. apply andb_prop in I as [A B].
      apply Z.leb_le, qz_le in A. apply Z.leb_le, qz_le in B. rewrite !qz_mul in A, B. rewrite <- H1 in A, B.
      unfold in_side. cbn [fst snd]. split; apply (Qmult_le_r _ _ _ PP); lra.
    + cbn in I. apply andb_prop in I as [_ I]. eapply IH; eassumption.
  - apply andb_prop in I as [A B]. rewrite forallb_forall in A, B.
    assert (O1 : over P (Zpos P :: X) (1 :: point P X)) by (constructor; [ring|exact PO]).
    split; apply Forall_forall; intros r Hr.
    + specialize (A r Hr). apply Z.leb_le, qz_le in A. rewrite (zdot_ok P) in A by exact O1.
      change (qz 0) with 0 in A. destruct (Qlt_le_dec (dot r (1 :: point P X)) 0) as [N|N]; [|exact N].
      pose proof (Qmult_lt_0_compat _ (- dot r (1 :: point P X)) PP ltac:(lra)). lra.
    + specialize (B r Hr). apply Z.eqb_eq in B. pose proof (zdot_ok P r _ _ O1) as E. rewrite B in E.
      change (qz 0) with 0 in E. symmetry in E. apply Qmult_integral in E as [E|E]; [rewrite E in PP; discriminate|exact E].
Qed.

Theorem witnessed_ok k net dim dom D w : witnessed k net dim dom D w = true ->
  exists x, in_domain dim dom x /\ has_configuration k net dim D x.
Proof.
  intros W. destruct w as [|[|P|P] X]; try discriminate. cbn [witnessed] in W.
  apply andb_prop in W as [W S]. apply andb_prop in W as [W I]. apply andb_prop in W as [L1 L2].
  apply Nat.eqb_eq in L1. apply Nat.eqb_eq in L2.
  pose proof (forward_ok net D _ _ _ (point_over P X)) as F.
  destruct (signs_ok _ _ _ _ _ _ S F) as [A B].
  exists (point P X). split; [apply inside_ok; assumption|]. split; [exact L2|]. split; [exact A|].
  intros E u z Hz. destruct (B E u z Hz) as [N|V]; [left; exact N|right].
  assert (U : (u < length (fpre net D (point P X)))%nat) by (apply nth_error_Some; congruence).
  rewrite fpre_length in U. intros x' z'.
  apply (proj1 (vanishes_ok net dim D u _ (nth_some false D u ltac:(lia)) ltac:(lia)) V).
Qed.

(** ** Coverage *)

Lemma in_tails b s codes : In s (tails b codes) <-> In (b :: s) codes.
Proof.
  unfold tails. rewrite in_flat_map. split.
  - intros ([|c t] & I & J); [destruct J|]. destruct (Bool.eqb c b) eqn:E; [|destruct J].
    apply eqb_prop in E. subst c. destruct J as [->|[]]. exact I.
  - intros I. exists (b :: s). split; [exact I|]. rewrite eqb_reflx. left. reflexivity.
Qed.

Theorem complete_covers depth : forall codes D, complete depth codes = true -> (depth <= length D)%nat ->
  exists s r, In s codes /\ D = s ++ r.
Proof.
  induction depth as [|n IH]; intros codes D C L.
  - assert (E : codes = [[]]) by (destruct codes as [|[|] [|]]; cbn in C; congruence).
    subst. exists [], D. split; [left|]; reflexivity.
  - assert (E : codes = [[]] \/ (complete n (tails false codes) && complete n (tails true codes))%bool = true).
    { destruct codes as [|[|] [|]]; [right|left; reflexivity| | |];
        try right; cbn [complete] in C; rewrite <- andb_assoc in C; apply andb_prop in C as [_ C]; exact C. }
    destruct E as [->|E]; [exists [], D; split; [left|]; reflexivity|]. clear C. apply andb_prop in E as [E0 E1].
    destruct D as [|b D]; [cbn in L; lia|]. cbn in L.
    destruct (IH (tails b codes) D) as (s & r & I & ->); [destruct b; assumption|lia|].
    exists (b :: s), r. split; [apply in_tails, I|reflexivity].
Qed.

Lemma in_cells ls D : In D (cells ls) <-> exists p w, In (Cell p w) ls /\ bits_of p = D.
Proof.
  induction ls as [|[p w|p y d] ls IH]; cbn.
  - split; [intros []|intros (p & w & [] & _)].
  - split.
    + intros [E|I]; [exists p, w; auto|]. apply IH in I as (p' & w' & I & E). exists p', w'. auto.
    + intros (p' & w' & [E|I] & B); [injection E as -> ->; left; exact B|right; apply IH; exists p', w'; auto].
  - rewrite IH. split; intros (p' & w' & I & E); exists p', w'; [auto|]. destruct I as [I|I]; [discriminate|auto].
Qed.

(** ** The theorem *)

(** If the check returns true: [D] is listed if and only if some point of the domain has the configuration [D]. *)
Theorem check_sound k net dim dom count ls : check k net dim dom count ls = true ->
  forall D, In D (cells ls) <-> exists x, in_domain dim dom x /\ has_configuration k net dim D x.
Proof.
  unfold check. intros C. apply andb_prop in C as [C _]. apply andb_prop in C as [C F]. apply andb_prop in C as [_ C].
  rewrite forallb_forall in F. intros D. split.
  - intros I. apply in_cells in I as (p & w & I & <-). specialize (F _ I). cbn in F. eapply witnessed_ok, F.
  - intros (x & Dx & L & H & G).
    destruct (complete_covers _ _ D C ltac:(lia)) as (s & r & I & E).
    apply in_map_iff in I as (l & El & I). specialize (F _ I). destruct l as [p w|p y d]; cbn in El, F.
    + unfold witnessed in F. destruct w as [|[|P|P] X]; try discriminate.
      apply andb_prop in F as [F _]. apply andb_prop in F as [F _]. apply andb_prop in F as [_ F].
      apply Nat.eqb_eq in F. rewrite El in F. assert (r = []).
      { destruct r; [reflexivity|]. subst D. rewrite app_length in L. cbn in L. lia. }
      subst r. rewrite app_nil_r in E. subst D. apply in_cells. exists p, (Zpos P :: X). auto.
    + exfalso. apply andb_prop in F as [Lp F]. apply Nat.leb_le in Lp. rewrite El in Lp, F. subst D.
      eapply refuted_ok; [exact Lp|exact F|exact Dx|eapply in_cell_prefix; eassumption|].
      intros K. eapply generic_prefix. apply G, K.
Qed.

Theorem check_sound_half_open net dim dom count ls : check HalfOpen net dim dom count ls = true ->
  forall D, In D (cells ls) <-> exists x, in_domain dim dom x /\ config net x = D.
Proof.
  intros C D. rewrite (check_sound _ _ _ _ _ _ C). split; intros (x & Dx & H); exists x; (split; [exact Dx|]).
  - destruct H as (L & H & _). symmetry. apply cell_unique; assumption.
  - subst D. split; [apply config_length|]. split; [apply config_in_cell|discriminate].
Qed.

(** In particular no input of the domain has a configuration that is not listed. *)
Corollary check_complete_half_open net dim dom count ls : check HalfOpen net dim dom count ls = true ->
  forall x, in_domain dim dom x -> In (config net x) (cells ls).
Proof. intros C x Dx. apply (check_sound_half_open _ _ _ _ _ C). exists x. auto. Qed.

Theorem check_sound_closed net dim dom count ls : check Closed net dim dom count ls = true ->
  forall D, In D (cells ls) <->
    exists x, in_domain dim dom x /\ length D = units net /\ Forall2 (sign Closed) D (fpre net D x).
Proof.
  intros C D. rewrite (check_sound _ _ _ _ _ _ C).
  split; intros (x & Dx & H); exists x; (split; [exact Dx|]); unfold has_configuration in *; [tauto|].
  intuition discriminate.
Qed.

(** [Full]: the listed configurations are those of the points where no unit is zero unless its row is. *)
Theorem check_sound_full net dim dom count ls : check Full net dim dom count ls = true ->
  forall D, In D (cells ls) <-> exists x, in_domain dim dom x /\ config net x = D /\ generic net dim D x.
Proof.
  intros C D. rewrite (check_sound _ _ _ _ _ _ C). split; intros (x & Dx & H); exists x; (split; [exact Dx|]).
  - destruct H as (L & H & G). split; [symmetry; apply cell_unique; assumption|auto].
  - destruct H as (<- & G). split; [apply config_length|]. split; [apply config_in_cell|auto].
Qed.
