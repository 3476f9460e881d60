(** The notion [Full] means full dimension: a listed configuration's set contains a small cube, and a set that contains
    one is listed.  So a certificate of this notion, accepted, lists exactly the cells of the paper: the configurations
    whose set, cut with the domain, has an interior point.

    The second half is about the whole space, boxes, and polyhedra with an interior point; the first about every domain. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Checker Sums Witnesses Soundness.
Import ListNotations.
Open Scope Q_scope.

(** [y] is in the open cube of half side [e] around [x]. *)
Definition near (e : Q) : list Q -> list Q -> Prop := Forall2 (fun a b => a - e < b /\ b < a + e).

Definition has_interior (dim : nat) (P : list Q -> Prop) : Prop :=
  exists x e, length x = dim /\ 0 < e /\ forall y, near e x y -> P y.

Lemma near_refl e x : 0 < e -> near e x x.
Proof. intros P. induction x; constructor; [lra|assumption]. Qed.

Lemma near_weaken e e' x y : e <= e' -> near e x y -> near e' x y.
Proof. intros L H. induction H; constructor; [lra|assumption]. Qed.

Lemma near_trans e f x : forall y z, near e x y -> near f y z -> near (e + f) x z.
Proof.
  induction x as [|a x IH]; intros y z H G; inversion H; subst; inversion G; subst; constructor; [lra|].
  eapply IH; eassumption.
Qed.

Fixpoint norm1 (v : list Z) : Q := match v with [] => 0 | a :: v' => qz (Z.abs a) + norm1 v' end.

Lemma abs_nonneg a : 0 <= qz (Z.abs a).
Proof. apply (qz_le 0), Z.abs_nonneg. Qed.

Lemma norm1_nonneg v : 0 <= norm1 v.
Proof. induction v as [|a v IH]; cbn [norm1]; [lra|]. pose proof (abs_nonneg a). lra. Qed.

Lemma dot_near v : forall e x y, 0 <= e -> near e x y ->
  dot v y - dot v x <= norm1 v * e /\ dot v x - dot v y <= norm1 v * e.
Proof.
  induction v as [|a v IH]; intros e x y P H; cbn [norm1]; [cbn [dot]; lra|].
  inversion H as [|x0 y0 x' y' H0 H']; subst; cbn [dot].
  - pose proof (Qmult_le_0_compat _ _ (abs_nonneg a) P). pose proof (Qmult_le_0_compat _ _ (norm1_nonneg v) P). lra.
  - destruct (IH e x' y' P H') as [A B].
    assert (S : qz a * (y0 - x0) <= qz (Z.abs a) * e /\ - (qz a * (y0 - x0)) <= qz (Z.abs a) * e).
    { destruct (Z.abs_spec a) as [[L E]|[L E]]; rewrite E.
      - apply (qz_le 0) in L. change (qz 0) with 0 in L.
        pose proof (Qmult_le_0_compat (qz a) (e - (y0 - x0)) L ltac:(lra)).
        pose proof (Qmult_le_0_compat (qz a) (e + (y0 - x0)) L ltac:(lra)). lra.
      - apply qz_lt in L. change (qz 0) with 0 in L. rewrite qz_opp.
        pose proof (Qmult_le_0_compat (- qz a) (e - (y0 - x0)) ltac:(lra) ltac:(lra)).
        pose proof (Qmult_le_0_compat (- qz a) (e + (y0 - x0)) ltac:(lra) ltac:(lra)). lra. }
    lra.
Qed.

(** An affine function that is positive at a point is positive around it. *)
Lemma positive_near v c x : 0 < dot v x + c -> exists r, 0 < r /\ forall y, near r x y -> 0 < dot v y + c.
Proof.
  intros P. pose proof (norm1_nonneg v) as N. set (f := dot v x + c) in *.
  exists (f / (1 + norm1 v)). assert (R : 0 < f / (1 + norm1 v)) by (apply Qlt_shift_div_l; lra).
  split; [exact R|]. intros y H. destruct (dot_near v _ x y (Qlt_le_weak _ _ R) H) as [_ B].
  assert (E : (1 + norm1 v) * (f / (1 + norm1 v)) == f) by (field; lra).
  set (q := f / (1 + norm1 v)) in *. unfold f in *. lra.
Qed.

Lemma negative_near v c x : dot v x + c < 0 -> exists r, 0 < r /\ forall y, near r x y -> dot v y + c < 0.
Proof.
  intros P. destruct (positive_near (vscale (-1) v) (- c) x) as (r & R & H).
  { rewrite dot_vscale. change (qz (-1)) with (-(1)). lra. }
  exists r. split; [exact R|]. intros y N. specialize (H y N). rewrite dot_vscale in H. change (qz (-1)) with (-(1)) in H. lra.
Qed.

Lemma nonzero_near v c x : ~ dot v x + c == 0 -> exists r, 0 < r /\ forall y, near r x y -> ~ dot v y + c == 0.
Proof.
  intros N. destruct (Q_dec (dot v x + c) 0) as [[L|G]|E]; [| |contradiction].
  - destruct (negative_near v c x L) as (r & R & H). exists r. split; [exact R|]. intros y Y E. specialize (H y Y). lra.
  - destruct (positive_near v c x G) as (r & R & H). exists r. split; [exact R|]. intros y Y E. specialize (H y Y). lra.
Qed.

(** ** Going away from finitely many hyperplanes *)

Fixpoint move (t : Q) (x z : list Q) : list Q :=
  match x, z with a :: x', b :: z' => a + t * (b - a) :: move t x' z' | _, _ => [] end.

Lemma move_length t x : forall z, length z = length x -> length (move t x z) = length x.
Proof. induction x as [|a x IH]; intros [|b z] E; cbn in *; try discriminate; [reflexivity|]. rewrite IH; lia. Qed.

Lemma dot_move t v : forall x z, length z = length x -> dot v (move t x z) == (1 - t) * dot v x + t * dot v z.
Proof.
  induction v as [|a v IH]; intros x z E; [cbn [dot]; ring|].
  destruct x as [|x0 x], z as [|z0 z]; cbn [length] in E; try discriminate; cbn [move dot]; [ring|].
  rewrite IH by lia. ring.
Qed.

(** Any point is approached along a segment. *)
Lemma move_near e x : 0 < e -> forall z, length z = length x ->
  exists t, 0 < t /\ t <= 1 /\ forall s, 0 <= s -> s <= t -> near e x (move s x z).
Proof.
  intros P. induction x as [|a x IH]; intros [|b z] E; cbn in E; try discriminate.
  - exists 1. repeat split; try lra. intros. constructor.
  - destruct (IH z ltac:(lia)) as (t & T0 & T1 & H).
    set (w := (b - a) * (b - a) + 1). assert (W : 0 < w).
    { unfold w. destruct (Qlt_le_dec a b).
      - pose proof (Qmult_le_0_compat (b - a) (b - a) ltac:(lra) ltac:(lra)). lra.
      - pose proof (Qmult_le_0_compat (a - b) (a - b) ltac:(lra) ltac:(lra)). lra. }
    assert (W1 : b - a <= w /\ a - b <= w).
    { unfold w. split.
      - destruct (Qlt_le_dec (b - a) 1); [|pose proof (Qmult_le_0_compat (b - a) (b - a - 1) ltac:(lra) ltac:(lra)); lra].
        destruct (Qlt_le_dec a b).
        + pose proof (Qmult_le_0_compat (b - a) (b - a) ltac:(lra) ltac:(lra)). lra.
        + pose proof (Qmult_le_0_compat (a - b) (a - b) ltac:(lra) ltac:(lra)). lra.
      - destruct (Qlt_le_dec (a - b) 1); [|pose proof (Qmult_le_0_compat (a - b) (a - b - 1) ltac:(lra) ltac:(lra)); lra].
        destruct (Qlt_le_dec a b).
        + pose proof (Qmult_le_0_compat (b - a) (b - a) ltac:(lra) ltac:(lra)). lra.
        + pose proof (Qmult_le_0_compat (a - b) (a - b) ltac:(lra) ltac:(lra)). lra. }
    set (u := e / (2 * w)). assert (U : 0 < u) by (apply Qlt_shift_div_l; lra).
    assert (UE : 2 * (u * w) == e) by (unfold u; field; lra).
    exists (if Qlt_le_dec t u then t else u).
    assert (M : 0 < (if Qlt_le_dec t u then t else u) /\ (if Qlt_le_dec t u then t else u) <= t /\
                (if Qlt_le_dec t u then t else u) <= u) by (destruct (Qlt_le_dec t u); lra).
    destruct M as (M0 & M1 & M2). split; [exact M0|]. split; [lra|].
    intros s S0 S1. cbn [move]. constructor; [|apply H; lra].
    pose proof (Qmult_le_0_compat s (w - (b - a)) S0 ltac:(lra)).
    pose proof (Qmult_le_0_compat s (w - (a - b)) S0 ltac:(lra)).
    pose proof (Qmult_le_0_compat (u - s) w ltac:(lra) ltac:(lra)). lra.
Qed.

Definition affine_row : Type := list Z * Z.
Definition at_point (f : affine_row) (x : list Q) : Q := dot (fst f) x + qz (snd f).
Definition alive (dim : nat) (f : affine_row) : Prop := exists x, length x = dim /\ ~ at_point f x == 0.

Lemma near_length e x y : near e x y -> length y = length x.
Proof. intros H. symmetry. exact (Forall2_length _ _ _ H). Qed.

Lemma avoid dim rows : Forall (alive dim) rows -> forall x e, length x = dim -> 0 < e ->
  exists y r, 0 < r /\ length y = dim /\
    (forall z, near r y z -> near e x z) /\ (forall z, near r y z -> Forall (fun f => ~ at_point f z == 0) rows).
Proof.
  induction rows as [|f rows IH]; intros A x e L P.
  - exists x, e. repeat split; auto.
  - inversion A as [|? ? (p & Lp & Np) A']; subst. destruct (IH A' x e eq_refl P) as (y & r & R & Ly & H1 & H2).
    assert (S : exists y' r', 0 < r' /\ length y' = length x /\ (forall z, near r' y' z -> near r y z) /\
                              (forall z, near r' y' z -> ~ at_point f z == 0)).
    { destruct (Qeq_dec (at_point f y) 0) as [E|N].
      - destruct (move_near (r * (1 # 2)) y ltac:(lra) p ltac:(congruence)) as (t & T0 & T1 & T).
        set (y' := move t y p). assert (N' : ~ at_point f y' == 0).
        { unfold at_point, y' in *. rewrite dot_move by congruence. intros E'. apply Np.
          assert (X : t * (dot (fst f) p + qz (snd f)) == 0).
          { transitivity ((1 - t) * dot (fst f) y + t * dot (fst f) p + qz (snd f) - (1 - t) * (dot (fst f) y + qz (snd f))); [ring|].
            rewrite E, E'. ring. }
          apply Qmult_integral in X as [X|X]; [lra|exact X]. }
        destruct (nonzero_near _ _ _ N') as (r0 & R0 & H0).
        set (r' := if Qlt_le_dec r0 (r * (1 # 2)) then r0 else r * (1 # 2)).
        assert (M : 0 < r' /\ r' <= r0 /\ r' <= r * (1 # 2)) by (unfold r'; destruct (Qlt_le_dec r0 (r * (1 # 2))); lra).
        destruct M as (M0 & M1 & M2).
        exists y', r'. split; [exact M0|]. split; [unfold y'; rewrite move_length; congruence|]. split.
        + intros z Hz. apply (near_weaken (r * (1 # 2) + r')); [lra|]. eapply near_trans; [|exact Hz]. apply T; lra.
        + intros z Hz. apply H0. eapply near_weaken; [|exact Hz]. lra.
      - destruct (nonzero_near _ _ _ N) as (r0 & R0 & H0).
        set (r' := if Qlt_le_dec r0 r then r0 else r).
        assert (M : 0 < r' /\ r' <= r0 /\ r' <= r) by (unfold r'; destruct (Qlt_le_dec r0 r); lra).
        destruct M as (M0 & M1 & M2).
        exists y, r'. split; [exact M0|]. split; [exact Ly|].
        split; intros z Hz; [|apply H0]; eapply near_weaken; try exact Hz; lra. }
    destruct S as (y' & r' & R' & L' & S1 & S2). exists y', r'. split; [exact R'|]. split; [exact L'|]. split; [auto|].
    intros z Hz. constructor; [apply S2, Hz|apply H2, S1, Hz].
Qed.

(** ** A set with an interior is listed *)

Lemma unit_row net dim D u : length D = units net -> (u < units net)%nat ->
  exists f : affine_row, (forall x z, nth_error (fpre net D x) u = Some z -> (at_point f x == 0 <-> z == 0)) /\
    (alive dim f \/ forall x z, length x = dim -> nth_error (fpre net D x) u = Some z -> z == 0).
Proof.
  intros L U. destruct (back net D (unit_vector u)) as [[v c] d] eqn:E. exists (v, c).
  pose proof (nth_some false D u ltac:(lia)) as HD.
  assert (V : forall x z, nth_error (fpre net D x) u = Some z -> (at_point (v, c) x == 0 <-> z == 0)).
  { intros x z HZ. unfold at_point. cbn [fst snd].
    rewrite (back_ok _ _ _ x _ _ _ E), (Ssum_unit_vector _ _ _ _ _ HD HZ). pose proof (qz_pos d) as P.
    split; intros H.
    - apply Qmult_integral in H as [H|H]; [rewrite H in P; discriminate|]. destruct (nth u D false); lra.
    - destruct (nth u D false); rewrite H; ring. }
  split; [exact V|]. destruct (vanishes net dim D u) eqn:W.
  - right. apply (vanishes_ok net dim D u _ HD U), W.
  - left. unfold vanishes in W. rewrite E in W. unfold alive, at_point. cbn [fst snd].
    destruct (is_zero c) eqn:C; cbn [andb] in W.
    + apply dot_nonzero in W as (x & Lx & N). exists x. split; [exact Lx|]. intros H. apply N.
      unfold is_zero in C. apply Z.eqb_eq in C. subst c. change (qz 0) with 0 in H. lra.
    + exists (repeat 0 dim). split; [apply repeat_length|]. intros H.
      assert (Z0 : forall v n, dot v (repeat 0 n) == 0).
      { induction v0 as [|a v0 IH]; intros [|n]; cbn [repeat dot]; try reflexivity. rewrite IH. ring. }
      rewrite Z0 in H. unfold is_zero in C. apply Z.eqb_neq in C. apply C.
      assert (Q0 : qz c == 0) by lra. unfold qz, Qeq in Q0. cbn in Q0. lia.
Qed.

Lemma unit_rows net dim D n : length D = units net -> (n <= units net)%nat ->
  exists rows, Forall (alive dim) rows /\
    forall x, Forall (fun f => ~ at_point f x == 0) rows -> forall u z, (u < n)%nat ->
      nth_error (fpre net D x) u = Some z ->
      ~ z == 0 \/ (forall x' z', length x' = dim -> nth_error (fpre net D x') u = Some z' -> z' == 0).
Proof.
  intros L. induction n as [|n IH]; intros N; [exists []; split; [constructor|intros; lia]|].
  destruct (IH ltac:(lia)) as (rows & A & H). destruct (unit_row net dim D n L ltac:(lia)) as (f & V & [F|F]).
  - exists (f :: rows). split; [constructor; assumption|]. intros x G u z U Hz. inversion G; subst.
    destruct (Nat.eq_dec u n) as [->|Ne]; [left; rewrite <- (V x z Hz); assumption|]. apply (H x); try assumption. lia.
  - exists rows. split; [exact A|]. intros x G u z U Hz.
    destruct (Nat.eq_dec u n) as [->|Ne]; [right; exact F|]. apply (H x); try assumption. lia.
Qed.

Lemma generic_inside net dim D (P : list Q -> Prop) : length D = units net -> has_interior dim P ->
  exists x, length x = dim /\ P x /\ generic net dim D x.
Proof.
  intros L (x & e & Lx & E & H). destruct (unit_rows net dim D (units net) L ltac:(lia)) as (rows & A & G).
  destruct (avoid dim rows A x e Lx E) as (y & r & R & Ly & N1 & N2).
  pose proof (near_refl r y R) as S. exists y. split; [exact Ly|]. split; [apply H, N1, S|].
  intros u z Hz. apply (G y (N2 y S) u z); [|exact Hz].
  assert (U : (u < length (fpre net D y))%nat) by (apply nth_error_Some; congruence).
  rewrite fpre_length in U. lia.
Qed.

(** Whatever contains a small cube is listed. *)
Theorem full_complete net dim dom count ls : check Full net dim dom count ls = true ->
  forall D, length D = units net -> has_interior dim (fun x => in_domain dim dom x /\ config net x = D) ->
  In D (cells ls).
Proof.
  intros C D L I. destruct (generic_inside net dim D _ L I) as (x & _ & (Dx & E) & G).
  apply (check_sound_full _ _ _ _ _ C). exists x. auto.
Qed.

(** ** A listed configuration has an interior *)

(** The signs at a generic point persist around it. *)
Lemma signs_persist net dim D x n : length D = units net -> length x = dim -> in_cell HalfOpen net D x ->
  generic net dim D x -> (n <= units net)%nat ->
  exists r, 0 < r /\ forall y, near r x y -> forall u b z, (u < n)%nat ->
    nth_error D u = Some b -> nth_error (fpre net D y) u = Some z -> sign HalfOpen b z.
Proof.
  intros L Lx H G. induction n as [|n IH]; intros N; [exists 1; split; [lra|intros; lia]|].
  destruct (IH ltac:(lia)) as (r & R & P). clear IH.
  assert (S : exists r', 0 < r' /\ forall y, near r' x y -> forall b z,
    nth_error D n = Some b -> nth_error (fpre net D y) n = Some z -> sign HalfOpen b z).
  { assert (HD := nth_some false D n ltac:(lia)). set (b0 := nth n D false) in *.
    assert (Lz : length (fpre net D x) = units net) by (rewrite fpre_length; lia).
    assert (HZ := nth_some 0 (fpre net D x) n ltac:(lia)). set (z0 := nth n (fpre net D x) 0) in *.
    destruct (Forall2_nth_error _ _ _ H n b0 HD) as (z1 & HZ1 & S0). rewrite HZ1 in HZ. injection HZ as ->.
    destruct (G n z0 HZ1) as [NZ|V].
    - destruct (back net D (unit_vector n)) as [[v c] d] eqn:E.
      assert (V : forall y z, nth_error (fpre net D y) n = Some z -> dot v y + qz c == qz (Zpos d) * (if b0 then z else - z)).
      { intros y z Hz. rewrite (back_ok _ _ _ y _ _ _ E), (Ssum_unit_vector _ _ _ _ _ HD Hz). reflexivity. }
      pose proof (qz_pos d) as Pd.
      assert (Pos : 0 < dot v x + qz c).
      { rewrite (V x z0 HZ1). apply Qmult_lt_0_compat; [exact Pd|]. unfold sign in S0. destruct b0; [exact S0|].
        destruct (Qlt_le_dec z0 0); [lra|]. exfalso. apply NZ. lra. }
      destruct (positive_near v (qz c) x Pos) as (r' & R' & Q'). exists r'. split; [exact R'|].
      intros y Y b z Hb Hz. rewrite HD in Hb. injection Hb as <-. specialize (Q' y Y). rewrite (V y z Hz) in Q'.
      unfold sign. destruct b0.
      + destruct (Qlt_le_dec 0 z) as [|X]; [assumption|].
        pose proof (Qmult_le_0_compat (qz (Zpos d)) (- z) ltac:(lra) ltac:(lra)). lra.
      + destruct (Qlt_le_dec 0 z) as [X|]; [|assumption].
        pose proof (Qmult_lt_0_compat (qz (Zpos d)) z ltac:(lra) ltac:(lra)). lra.
    - exists 1. split; [lra|]. intros y Y b z Hb Hz. rewrite HD in Hb. injection Hb as <-.
      assert (Zy : z == 0) by (apply (V y z); [rewrite (near_length _ _ _ Y); exact Lx|exact Hz]).
      assert (Zx : z0 == 0) by (apply (V x z0); [exact Lx|exact HZ1]).
      unfold sign in *. destruct b0; lra. }
  destruct S as (r' & R' & P'). set (m := if Qlt_le_dec r r' then r else r').
  assert (M : 0 < m /\ m <= r /\ m <= r') by (unfold m; destruct (Qlt_le_dec r r'); lra). destruct M as (M0 & M1 & M2).
  exists m. split; [exact M0|]. intros y Y u b z U Hb Hz. destruct (Nat.eq_dec u n) as [->|Ne].
  - apply (P' y (near_weaken _ _ _ _ M2 Y) b z Hb Hz).
  - apply (P y (near_weaken _ _ _ _ M1 Y) u b z); try assumption. lia.
Qed.

Lemma Forall2_from_nth {A B} (R : A -> B -> Prop) a : forall b, length a = length b ->
  (forall u x y, nth_error a u = Some x -> nth_error b u = Some y -> R x y) -> Forall2 R a b.
Proof.
  induction a as [|x a IH]; intros [|y b] L H; try discriminate; constructor.
  - apply (H 0%nat); reflexivity.
  - apply IH; [cbn in L; lia|]. intros u. apply (H (S u)).
Qed.

Lemma config_persists net dim D x : length D = units net -> length x = dim -> in_cell HalfOpen net D x ->
  generic net dim D x -> exists r, 0 < r /\ forall y, near r x y -> config net y = D.
Proof.
  intros L Lx H G. destruct (signs_persist net dim D x (units net) L Lx H G ltac:(lia)) as (r & R & P).
  exists r. split; [exact R|]. intros y Y. symmetry. apply cell_unique; [exact L|].
  apply Forall2_from_nth; [rewrite fpre_length; lia|]. intros u b z Hb Hz. apply (P y Y u b z); try assumption.
  assert (U : (u < length D)%nat) by (apply nth_error_Some; congruence). lia.
Qed.

(** Near each point of a box with proper sides there is a cube inside the box. *)
Lemma box_interior scale sides : sides_ok Full sides = true -> forall x e, Forall2 (in_side scale) sides x -> 0 < e ->
  exists y r, 0 < r /\ length y = length x /\
    forall z, near r y z -> near e x z /\ Forall2 (in_side scale) sides z.
Proof.
  pose proof (qz_pos scale) as PS. set (s := qz (Zpos scale)) in *.
  induction sides as [|[l u] sides IH]; intros O x e F E; inversion F as [|? x0 ? x' I F']; subst.
  - exists [], 1. split; [lra|]. split; [reflexivity|]. intros z H. inversion H; subst. split; constructor.
  - cbn [sides_ok] in O. apply andb_prop in O as [LU O]. apply Z.ltb_lt, qz_lt in LU.
    destruct (IH O x' e F' E) as (y & r & R & Ly & H). destruct I as [I1 I2]. cbn [fst snd] in I1, I2. fold s in I1, I2.
    assert (One : exists a q, 0 < q /\ forall b, a - q < b -> b < a + q -> (x0 - e < b /\ b < x0 + e) /\
                                        (qz l <= s * b /\ s * b <= qz u)).
    { set (lo := qz l / s). set (hi := qz u / s).
      assert (El : s * lo == qz l) by (unfold lo; field; lra). assert (Eh : s * hi == qz u) by (unfold hi; field; lra).
      assert (LH : lo < hi).
      { destruct (Qlt_le_dec lo hi) as [|X]; [assumption|].
        pose proof (Qmult_le_0_compat s (lo - hi) ltac:(lra) ltac:(lra)). lra. }
      assert (L0 : lo <= x0).
      { destruct (Qlt_le_dec x0 lo) as [X|]; [|assumption].
        pose proof (Qmult_lt_0_compat s (lo - x0) PS ltac:(lra)). lra. }
      assert (H0 : x0 <= hi).
      { destruct (Qlt_le_dec hi x0) as [X|]; [|assumption].
        pose proof (Qmult_lt_0_compat s (x0 - hi) PS ltac:(lra)). lra. }
      assert (In : forall b, lo <= b -> b <= hi -> qz l <= s * b /\ s * b <= qz u).
      { intros b B1 B2. pose proof (Qmult_le_0_compat s (b - lo) ltac:(lra) ltac:(lra)).
        pose proof (Qmult_le_0_compat s (hi - b) ltac:(lra) ltac:(lra)). lra. }
      set (w := hi - lo). set (g := if Qlt_le_dec e w then e else w).
      assert (Gp : 0 < g /\ g <= e /\ g <= w) by (unfold g, w; destruct (Qlt_le_dec e (hi - lo)); lra).
      destruct Gp as (G0 & G1 & G2). unfold w in G2.
      set (h := g * (1 # 4)). assert (Hh : 4 * h == g) by (unfold h; ring).
      destruct (Qlt_le_dec (x0 + 2 * h) hi) as [X|X].
      - exists (x0 + h), h. split; [lra|]. intros b B1 B2. split; [lra|]. apply In; lra.
      - exists (x0 - h), h. split; [lra|]. intros b B1 B2. split; [lra|]. apply In; lra. }
    destruct One as (a & q & Q0 & Hq).
    set (m := if Qlt_le_dec r q then r else q).
    assert (M : 0 < m /\ m <= r /\ m <= q) by (unfold m; destruct (Qlt_le_dec r q); lra). destruct M as (M0 & M1 & M2).
    exists (a :: y), m. split; [exact M0|]. split; [cbn; congruence|]. intros z Hz.
    inversion Hz as [|? b ? z' Hb Hz']; subst. destruct (Hq b ltac:(lra) ltac:(lra)) as [N1 N2].
    destruct (H z' (near_weaken _ _ _ _ M1 Hz')) as [N3 N4]. split; constructor; assumption.
Qed.

Definition open_kind (dom : domain) : Prop := match dom with Polyhedron _ _ _ => False | _ => True end.

(** *** For the whole space and for boxes: the list is exactly that of the configurations with an interior. *)
Theorem full_exact net dim dom count ls : check Full net dim dom count ls = true -> open_kind dom ->
  forall D, length D = units net ->
  (In D (cells ls) <-> has_interior dim (fun x => in_domain dim dom x /\ config net x = D)).
Proof.
  intros C K D L. split; [|apply full_complete with (1 := C), L].
  intros I. pose proof C as C'. unfold check in C'. apply andb_prop in C' as [C' _]. apply andb_prop in C' as [C' _].
  apply andb_prop in C' as [Ok _].
  apply (check_sound_full _ _ _ _ _ C) in I as (x & (Lx & Dx) & E & G).
  assert (H : in_cell HalfOpen net D x) by (subst D; apply config_in_cell).
  destruct (config_persists net dim D x L Lx H G) as (r & R & P).
  destruct dom as [|scale sides|]; [| |destruct K].
  - exists x, r. split; [exact Lx|]. split; [exact R|]. intros y Y. split; [|apply P, Y].
    split; [rewrite (near_length _ _ _ Y); exact Lx|exact Logic.I].
  - cbn [domain_ok] in Ok. apply andb_prop in Ok as [_ Ok].
    destruct (box_interior scale sides Ok x r Dx R) as (y & q & Q0 & Ly & Hq).
    exists y, q. split; [congruence|]. split; [exact Q0|]. intros z Hz. destruct (Hq z Hz) as [N B].
    split; [|apply P, N]. split; [rewrite (near_length _ _ _ N); exact Lx|exact B].
Qed.

(** ** Polyhedra with an interior point *)

Lemma rows_positive rows y : Forall (fun r => 0 < dot r (1 :: y)) rows ->
  exists q, 0 < q /\ forall z, near q y z -> Forall (fun r => 0 <= dot r (1 :: z)) rows.
Proof.
  intros F. induction F as [|r rows P F (q & Q0 & H)]; [exists 1; split; [lra|constructor]|].
  destruct r as [|c v]; [cbn in P; discriminate|]. cbn [dot] in P.
  destruct (positive_near v (qz c) y ltac:(lra)) as (q' & Q' & H').
  set (m := if Qlt_le_dec q q' then q else q').
  assert (M : 0 < m /\ m <= q /\ m <= q') by (unfold m; destruct (Qlt_le_dec q q'); lra). destruct M as (M0 & M1 & M2).
  exists m. split; [exact M0|]. intros z Hz. constructor.
  - specialize (H' z (near_weaken _ _ _ _ M2 Hz)). cbn [dot]. lra.
  - apply H, (near_weaken _ _ _ _ M1 Hz).
Qed.

Theorem full_exact_polyhedron net dim scale ineqs eqs count ls p :
  check Full net dim (Polyhedron scale ineqs eqs) count ls = true ->
  length p = dim -> Forall (fun r => 0 < dot r (1 :: p)) ineqs ->
  forall D, length D = units net ->
  (In D (cells ls) <-> has_interior dim (fun x => in_domain dim (Polyhedron scale ineqs eqs) x /\ config net x = D)).
Proof.
  intros C Lp Fp D L. split; [|apply full_complete with (1 := C), L].
  intros I. pose proof C as C'. unfold check in C'. apply andb_prop in C' as [C' _]. apply andb_prop in C' as [C' _].
  apply andb_prop in C' as [Ok _]. cbn [domain_ok] in Ok. destruct eqs as [|]; [|discriminate]. clear Ok.
  apply (check_sound_full _ _ _ _ _ C) in I as (x & (Lx & Fx & _) & E & G).
  assert (H : in_cell HalfOpen net D x) by (subst D; apply config_in_cell).
  destruct (config_persists net dim D x L Lx H G) as (r & R & P).
  destruct (move_near (r * (1 # 2)) x ltac:(lra) p ltac:(congruence)) as (t & T0 & T1 & T).
  set (y := move t x p) in *.
  assert (Fy : Forall (fun r => 0 < dot r (1 :: y)) ineqs).
  { rewrite Forall_forall in *. intros row Hr. specialize (Fx row Hr). specialize (Fp row Hr).
    destruct row as [|c v]; [cbn in Fp; discriminate|]. cbn [dot] in *. unfold y. rewrite dot_move by congruence.
    pose proof (Qmult_lt_0_compat t _ T0 Fp). pose proof (Qmult_le_0_compat (1 - t) _ ltac:(lra) Fx). lra. }
  destruct (rows_positive ineqs y Fy) as (q & Q0 & Hq).
  set (m := if Qlt_le_dec q (r * (1 # 2)) then q else r * (1 # 2)).
  assert (M : 0 < m /\ m <= q /\ m <= r * (1 # 2)) by (unfold m; destruct (Qlt_le_dec q (r * (1 # 2))); lra).
  destruct M as (M0 & M1 & M2).
  exists y, m. split; [unfold y; rewrite move_length; congruence|]. split; [exact M0|]. intros z Hz.
  assert (N : near r x z).
  { apply (near_weaken (r * (1 # 2) + m)); [lra|]. eapply near_trans; [|exact Hz]. apply T; lra. }
  split; [|apply P, N]. split; [rewrite (near_length _ _ _ N); exact Lx|].
  split; [apply Hq, (near_weaken _ _ _ _ M1 Hz)|constructor].
Qed.
