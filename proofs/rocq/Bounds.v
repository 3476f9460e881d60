(** Theorem 6 over Q: squares instead of norms, so that no square root occurs.

    [sq n v] is the squared Euclidean norm of the first [n] entries.  "‖u‖ <= B ‖v‖" with B >= 0 is
    [sq u <= B^2 * sq v]; a spectral norm of at most s is the hypothesis that this holds for all rational vectors.

    (i)  [theorem_6_cell] for one configuration, [theorem_6_global] for the network itself;
    (ii) [theorem_6_spectral_cell] and [theorem_6_spectral_global]. *)

From Coq Require Import QArith Qabs List Arith Lia Lqa.
From ExactReLU Require Import Atoms.
Import ListNotations.
Open Scope Q_scope.

Definition dots {A} (l : list A) (u v : A -> Q) : Q := sum l (fun a => u a * v a).
Definition sq (n : nat) (v : vector) : Q := dots (seq 0 n) v v.

Lemma square_nonneg (a : Q) : 0 <= a * a.
Proof. destruct (Qlt_le_dec a 0); nra. Qed.

Lemma sum_nonneg {A} (l : list A) f : (forall a, In a l -> 0 <= f a) -> 0 <= sum l f.
Proof.
  induction l as [|a l IH]; intros N; simpl; [lra|].
  pose proof (N a (or_introl eq_refl)). pose proof (IH (fun b I => N b (or_intror I))). lra.
Qed.

Lemma sum_le {A} (l : list A) f g : (forall a, In a l -> f a <= g a) -> sum l f <= sum l g.
Proof.
  induction l as [|a l IH]; intros N; simpl; [lra|].
  pose proof (N a (or_introl eq_refl)). pose proof (IH (fun b I => N b (or_intror I))). lra.
Qed.

Definition size {A} (l : list A) : Q := sum l (fun _ => 1).

Lemma size_nonneg {A} (l : list A) : 0 <= size l.
Proof. apply sum_nonneg. intros. lra. Qed.

Lemma size_length {A} (l : list A) : size l == inject_Z (Z.of_nat (length l)).
Proof.
  unfold size. induction l as [|a l IH]; [reflexivity|]. cbn [sum length]. rewrite IH, Nat2Z.inj_succ.
  unfold Z.succ. rewrite inject_Z_plus. change (inject_Z 1) with 1. ring.
Qed.

Lemma sum_const {A} (l : list A) k : sum l (fun _ => k) == k * size l.
Proof. unfold size. rewrite <- sum_scale. apply sum_ext. intros; ring. Qed.

Lemma dots_nonneg {A} (l : list A) v : 0 <= dots l v v.
Proof. apply sum_nonneg. intros. apply square_nonneg. Qed.

(** Cauchy and Schwarz: sum over pairs of (u_a v_b - u_b v_a)^2 is not negative. *)
Lemma cauchy_schwarz {A} (l : list A) u v : dots l u v * dots l u v <= dots l u u * dots l v v.
Proof.
  unfold dots. induction l as [|a l IH]; cbn [sum]; [lra|].
  set (U := sum l (fun a => u a * u a)) in *. set (V := sum l (fun a => v a * v a)) in *.
  set (W := sum l (fun a => u a * v a)) in *.
  assert (C : 0 <= u a * u a * V - 2 * (u a * v a) * W + v a * v a * U).
  { assert (E : u a * u a * V - 2 * (u a * v a) * W + v a * v a * U
             == sum l (fun b => (u a * v b - v a * u b) * (u a * v b - v a * u b))).
    { rewrite (sum_ext l (fun b => (u a * v b - v a * u b) * (u a * v b - v a * u b))
        (fun b => u a * u a * (v b * v b) + v a * v a * (u b * u b) + - (2 * (u a * v a)) * (u b * v b)))
        by (intros; ring).
      rewrite !sum_add, !sum_scale. fold U V W. ring. }
    rewrite E. apply sum_nonneg. intros. apply square_nonneg. }
  nra.
Qed.

(** ‖sum of T vectors‖^2 <= T * sum of their squared norms, entry by entry. *)
Lemma square_sum {A} (l : list A) f : sum l f * sum l f <= size l * sum l (fun a => f a * f a).
Proof.
  pose proof (cauchy_schwarz l (fun _ => 1) f) as C. unfold dots in C.
  rewrite (sum_ext l (fun a => 1 * f a) f) in C by (intros; ring).
  rewrite (sum_ext l (fun a => 1 * 1) (fun _ => 1)) in C by (intros; ring). exact C.
Qed.

(** ** Bounds of the coefficients *)

Definition entries_le (m : Q) (M : matrix) : Prop := forall r c, Qabs (M r c) <= m.

Lemma Qabs_sum {A} (l : list A) f : Qabs (sum l f) <= sum l (fun a => Qabs (f a)).
Proof.
  induction l as [|a l IH]; cbn [sum]; [apply Qle_refl|].
  eapply Qle_trans; [apply Qabs_triangle|]. lra.
Qed.

(** m^(number of matrices) * product of the supports' sizes. *)
Fixpoint growth (m : Q) (middle : list stage) : Q :=
  match middle with [] => m | (T, _) :: rest => m * size T * growth m rest end.

Lemma growth_nonneg m middle : 0 <= m -> 0 <= growth m middle.
Proof.
  intros P. induction middle as [|[T M] rest IH]; cbn [growth]; [exact P|].
  pose proof (size_nonneg T). apply Qmult_le_0_compat; [apply Qmult_le_0_compat|]; assumption.
Qed.

Lemma linear_bound m middle : 0 <= m -> (forall st, In st middle -> entries_le m (snd st)) ->
  forall M2, entries_le m M2 -> forall i j, Qabs (linear M2 middle i j) <= growth m middle.
Proof.
  intros P. induction middle as [|[T M] rest IH]; intros H M2 H2 i j; cbn [linear growth]; [apply H2|].
  rewrite (linear_factor T M2 rest M i j). unfold step. cbn [fst snd].
  eapply Qle_trans; [apply Qabs_sum|].
  eapply Qle_trans; [apply sum_le with (g := fun _ => m * growth m rest)|].
  - intros k _. rewrite Qabs_Qmult.
    pose proof (H2 k j) as A. pose proof (IH (fun st I => H st (or_intror I)) M (H (T, M) (or_introl eq_refl)) i k) as B.
    pose proof (Qabs_nonneg (M2 k j)). pose proof (Qabs_nonneg (linear M rest i k)).
    pose proof (growth_nonneg m rest P).
    set (a := Qabs (M2 k j)) in *. set (b := Qabs (linear M rest i k)) in *. set (g := growth m rest) in *.
    pose proof (Qmult_le_0_compat (m - a) g ltac:(lra) ltac:(lra)).
    pose proof (Qmult_le_0_compat a (g - b) ltac:(lra) ltac:(lra)). lra.
  - rewrite sum_const. lra.
Qed.

Lemma Qabs_square a b : Qabs a <= b -> a * a <= b * b.
Proof.
  intros H. apply Qabs_Qle_condition in H as [L U].
  pose proof (Qmult_le_0_compat (b - a) (b + a) ltac:(lra) ltac:(lra)). lra.
Qed.

(** ** Theorem 6 (i) *)

Definition row_norms (n : nat) (M : matrix) : Prop := forall j, sq n (M j) <= 1.
Definition column_norms (n : nat) (M : matrix) : Prop := forall i, sq n (fun r => M r i) <= 1.

Lemma apply_coefficients n A v : forall r, apply A n v r = dots (seq 0 n) (A r) v.
Proof. reflexivity. Qed.

(** ‖sum_{(i,j)} a_ij <m1_j, v> m_i‖^2 <= (|S| |S1| B)^2 ‖v‖^2 if |a_ij| <= B and the m_i, m1_j have norm at most 1. *)
Lemma atoms_bound n0 n1 T T1 (a ML M1 : matrix) B v : 0 <= B ->
  (forall i j, Qabs (a i j) <= B) -> row_norms n0 M1 -> column_norms n1 ML ->
  sq n1 (fun r => sum T (fun i => sum T1 (fun j => a i j * (ML r i * dots (seq 0 n0) (M1 j) v)))) <=
  (size T * size T1 * B) * (size T * size T1 * B) * sq n0 v.
Proof.
  intros P HB HR HC. set (V := sq n0 v). assert (V0 : 0 <= V) by apply dots_nonneg.
  pose proof (size_nonneg T) as N. pose proof (size_nonneg T1) as N1.
  set (t := fun r i j => a i j * (ML r i * dots (seq 0 n0) (M1 j) v)).
  assert (E : forall r, sum T (fun i => sum T1 (fun j => t r i j)) * sum T (fun i => sum T1 (fun j => t r i j)) <=
              size T * size T1 * sum T (fun i => sum T1 (fun j => t r i j * t r i j))).
  { intros r. eapply Qle_trans; [apply square_sum|]. cbv beta.
    assert (X : sum T (fun i => sum T1 (fun j => t r i j) * sum T1 (fun j => t r i j)) <=
                size T1 * sum T (fun i => sum T1 (fun j => t r i j * t r i j))).
    { rewrite <- sum_scale. apply sum_le. intros i _. apply square_sum. }
    pose proof (Qmult_le_0_compat (size T) _ N
      (proj1 (Qle_minus_iff _ _) X)). cbv beta in *. lra. }
  unfold sq at 1, dots at 1. fold t.
  eapply Qle_trans; [apply sum_le; intros r _; apply E|].
  rewrite sum_scale, sum_swap.
  assert (F : sum T (fun i => sum (seq 0 n1) (fun r => sum T1 (fun j => t r i j * t r i j))) <=
              size T * size T1 * (B * B * V)).
  { eapply Qle_trans; [apply sum_le with (g := fun _ => size T1 * (B * B * V))|rewrite sum_const; lra].
    intros i _. rewrite sum_swap.
    eapply Qle_trans; [apply sum_le with (g := fun _ => B * B * V)|rewrite sum_const; lra].
    intros j _. unfold t.
    set (d := dots (seq 0 n0) (M1 j) v).
    rewrite (sum_ext _ _ (fun r => (a i j * a i j * (d * d)) * (ML r i * ML r i))) by (intros; ring).
    rewrite sum_scale. fold (dots (seq 0 n1) (fun r => ML r i) (fun r => ML r i)). fold (sq n1 (fun r => ML r i)).
    pose proof (HC i) as C. pose proof (HR j) as R. pose proof (Qabs_square _ _ (HB i j)) as A.
    pose proof (cauchy_schwarz (seq 0 n0) (M1 j) v) as CS. fold d in CS. fold (sq n0 (M1 j)) in CS. fold (sq n0 v) in CS.
    fold V in CS. pose proof (square_nonneg (a i j)). pose proof (square_nonneg d). pose proof (square_nonneg B).
    assert (D : d * d <= V).
    { pose proof (Qmult_le_0_compat (1 - sq n0 (M1 j)) V ltac:(lra) V0). lra. }
    set (aa := a i j * a i j) in *. set (dd := d * d) in *. set (bb := B * B) in *. set (c := sq n1 _) in *.
    assert (c0 : 0 <= c) by apply dots_nonneg.
    pose proof (Qmult_le_0_compat _ _ (Qmult_le_0_compat aa dd ltac:(lra) ltac:(lra)) (proj1 (Qle_minus_iff c 1) C)).
    pose proof (Qmult_le_0_compat (bb - aa) dd ltac:(lra) ltac:(lra)).
    pose proof (Qmult_le_0_compat bb (V - dd) ltac:(lra) ltac:(lra)). lra. }
  pose proof (Qmult_le_0_compat _ _ (Qmult_le_0_compat _ _ N N1) (proj1 (Qle_minus_iff _ _) F)). lra.
Qed.

(** m^{L-2} s_1 ... s_{L-1} for L >= 3; [growth] has the factors of the middle layers. *)
Definition constant (m : Q) (T1 : list nat) (middle : list stage) (T : list nat) : Q := size T * size T1 * growth m middle.

Theorem theorem_6_cell n0 nL m M1 T1 M2 middle T ML v : 0 <= m ->
  row_norms n0 M1 -> column_norms nL ML ->
  entries_le m M2 -> (forall st, In st middle -> entries_le m (snd st)) ->
  sq nL (apply (linear M1 ((T1, M2) :: middle ++ [(T, ML)])) n0 v) <=
  constant m T1 middle T * constant m T1 middle T * sq n0 v.
Proof.
  intros P HR HC H2 HM.
  eapply Qle_trans; [|apply (atoms_bound n0 nL T T1 (alpha M2 middle) ML M1 (growth m middle) v);
    [apply growth_nonneg, P|intros; apply linear_bound; assumption|exact HR|exact HC]].
  apply Qle_lteq. right. unfold sq, dots. apply sum_ext. intros r _.
  assert (E : apply (linear M1 ((T1, M2) :: middle ++ [(T, ML)])) n0 v r ==
    sum T (fun i => sum T1 (fun j => alpha M2 middle i j * (ML r i * dots (seq 0 n0) (M1 j) v)))).
  { unfold apply.
    rewrite (sum_ext _ _ (fun c => sum T (fun i => sum T1 (fun j => alpha M2 middle i j * (ML r i * M1 j c) * v c)))).
    - rewrite sum_swap. apply sum_ext. intros i _. rewrite sum_swap. apply sum_ext. intros j _.
      unfold dots. rewrite <- !sum_scale. apply sum_ext. intros; ring.
    - intros c _. rewrite (theorem_5 M1 T1 M2 middle T ML r c), <- sum_scale_r. apply sum_ext. intros i _.
      rewrite <- sum_scale_r. reflexivity. }
  unfold dots in E. rewrite E. reflexivity.
Qed.

(** Two affine layers: the constant is s_1. *)
Theorem theorem_6_cell_two n0 nL M1 T ML v : row_norms n0 M1 -> column_norms nL ML ->
  sq nL (apply (linear M1 [(T, ML)]) n0 v) <= size T * size T * sq n0 v.
Proof.
  intros HR HC. set (V := sq n0 v). assert (V0 : 0 <= V) by apply dots_nonneg.
  pose proof (size_nonneg T) as N.
  set (t := fun r i => ML r i * dots (seq 0 n0) (M1 i) v).
  assert (E : forall r, apply (linear M1 [(T, ML)]) n0 v r == sum T (fun i => t r i)).
  { intros r. unfold apply, t. cbn [linear]. unfold step. cbn [fst snd].
    rewrite (sum_ext _ _ (fun c => sum T (fun k => ML r k * M1 k c * v c))) by (intros; rewrite <- sum_scale_r; reflexivity).
    rewrite sum_swap. apply sum_ext. intros i _. unfold dots. rewrite <- sum_scale. apply sum_ext. intros; ring. }
  unfold sq at 1, dots at 1.
  rewrite (sum_ext _ _ (fun r => sum T (fun i => t r i) * sum T (fun i => t r i))) by (intros; rewrite !E; reflexivity).
  eapply Qle_trans; [apply sum_le; intros r _; apply square_sum|]. rewrite sum_scale, sum_swap.
  assert (F : sum T (fun i => sum (seq 0 nL) (fun r => t r i * t r i)) <= size T * V).
  { eapply Qle_trans; [apply sum_le with (g := fun _ => V)|rewrite sum_const; lra].
    intros i _. unfold t. set (d := dots (seq 0 n0) (M1 i) v).
    rewrite (sum_ext _ _ (fun r => d * d * (ML r i * ML r i))) by (intros; ring). rewrite sum_scale.
    fold (dots (seq 0 nL) (fun r => ML r i) (fun r => ML r i)). fold (sq nL (fun r => ML r i)).
    pose proof (HC i) as C. pose proof (HR i) as R.
    pose proof (cauchy_schwarz (seq 0 n0) (M1 i) v) as CS. fold d in CS. fold (sq n0 (M1 i)) in CS. fold (sq n0 v) in CS.
    fold V in CS. pose proof (square_nonneg d).
    pose proof (Qmult_le_0_compat (1 - sq n0 (M1 i)) V ltac:(lra) V0).
    pose proof (Qmult_le_0_compat (d * d) _ ltac:(lra) (proj1 (Qle_minus_iff _ _) C)). lra. }
  pose proof (Qmult_le_0_compat _ _ N (proj1 (Qle_minus_iff _ _) F)). lra.
Qed.

(** ** Theorem 6 (ii): spectral norms as quadratic forms *)

(** ‖M‖_2^2 <= s, said of rational vectors. *)
Definition spectral (s : Q) (rows cols : nat) (M : matrix) : Prop := forall v, sq rows (apply M cols v) <= s * sq cols v.

(** Rows, matrix, bias, and what happens to each entry afterwards: a 0/1 mask, the rectifier, or nothing. *)
Definition layer_fun : Type := nat * matrix * vector * (nat -> Q -> Q).

Fixpoint through (n : nat) (x : vector) (layers : list layer_fun) : vector :=
  match layers with
  | [] => x
  | (rows, M, b, act) :: rest => through rows (fun r => act r (apply M n x r + b r)) rest
  end.

Fixpoint last_width (n : nat) (layers : list layer_fun) : nat :=
  match layers with [] => n | (rows, _, _, _) :: rest => last_width rows rest end.

Fixpoint spectral_all (s : Q) (n : nat) (layers : list layer_fun) : Prop :=
  match layers with [] => True | (rows, M, _, _) :: rest => spectral s rows n M /\ spectral_all s rows rest end.

Definition contracts (act : nat -> Q -> Q) : Prop :=
  forall r a b, (act r a - act r b) * (act r a - act r b) <= (a - b) * (a - b).

Definition rectifier (t : Q) : Q := if Qlt_le_dec 0 t then t else 0.

Lemma rectifier_contracts s t : (rectifier s - rectifier t) * (rectifier s - rectifier t) <= (s - t) * (s - t).
Proof.
  unfold rectifier.
  pose proof (square_nonneg s). pose proof (square_nonneg t). pose proof (square_nonneg (s - t)).
  destruct (Qlt_le_dec 0 s), (Qlt_le_dec 0 t); [lra| | |lra].
  - pose proof (Qmult_le_0_compat s (- t) ltac:(lra) ltac:(lra)). lra.
  - pose proof (Qmult_le_0_compat (- s) t ltac:(lra) ltac:(lra)). lra.
Qed.

Lemma sq_le n u v : (forall r, u r * u r <= v r * v r) -> sq n u <= sq n v.
Proof. intros H. apply sum_le. intros r _. apply H. Qed.

Lemma sq_ext n u v : (forall r, u r == v r) -> sq n u == sq n v.
Proof. intros H. apply sum_ext. intros r _. rewrite H. reflexivity. Qed.

Fixpoint power (s : Q) (n : nat) : Q := match n with O => 1 | S n' => s * power s n' end.

Lemma power_nonneg s n : 0 <= s -> 0 <= power s n.
Proof. intros P. induction n; cbn [power]; [lra|]. apply Qmult_le_0_compat; assumption. Qed.

Theorem contraction s layers : 0 <= s -> Forall (fun l : layer_fun => contracts (snd l)) layers ->
  forall n x y, spectral_all s n layers ->
  sq (last_width n layers) (fun r => through n x layers r - through n y layers r) <=
  power s (length layers) * sq n (fun c => x c - y c).
Proof.
  intros S0. induction layers as [|[[[rows M] b] act] rest IH]; intros HA n x y H.
  - cbn [through last_width length power]. lra.
  - destruct H as [HM H]. inversion HA as [|? ? A1 A2]; subst. cbn [snd] in A1. cbn [through last_width length].
    specialize (IH A2 rows (fun r => act r (apply M n x r + b r)) (fun r => act r (apply M n y r + b r)) H).
    eapply Qle_trans; [exact IH|]. clear IH H.
    pose proof (power_nonneg s (length rest) S0) as P.
    assert (E : sq rows (fun r => act r (apply M n x r + b r) - act r (apply M n y r + b r)) <=
                s * sq n (fun c => x c - y c)).
    { eapply Qle_trans; [|apply HM].
      eapply Qle_trans; [apply sq_le; intros r; apply A1|]. apply Qle_lteq. right. apply sq_ext. intros r.
      unfold apply. rewrite (sum_ext _ (fun c => M r c * (x c - y c)) (fun c => M r c * x c + - 1 * (M r c * y c)))
        by (intros; ring).
      rewrite sum_add, sum_scale. ring. }
    pose proof (Qmult_le_0_compat _ _ P (proj1 (Qle_minus_iff _ _) E)) as X.
    cbn [power]. lra.
Qed.

Definition identity (_ : nat) (t : Q) : Q := t.
Definition relu (_ : nat) (t : Q) : Q := rectifier t.
Definition mask (d : nat -> bool) (r : nat) (t : Q) : Q := if d r then t else 0.

Lemma contracts_identity : contracts identity.
Proof. intros r a b. unfold identity. lra. Qed.

Lemma contracts_relu : contracts relu.
Proof. intros r a b. apply rectifier_contracts. Qed.

Lemma contracts_mask d : contracts (mask d).
Proof. intros r a b. unfold mask. pose proof (square_nonneg (a - b)). destruct (d r); lra. Qed.

(** A network: hidden layers with the rectifier, and a last layer without. *)
Definition hidden (act : nat -> Q -> Q) (l : nat * matrix * vector) : layer_fun := (l, act).

Theorem theorem_6_spectral_global s n (layers : list (nat * matrix * vector)) last x y : 0 <= s ->
  let net := map (hidden relu) layers ++ [hidden identity last] in
  spectral_all s n net ->
  sq (last_width n net) (fun r => through n x net r - through n y net r) <=
  power s (S (length layers)) * sq n (fun c => x c - y c).
Proof.
  intros S0 net H. replace (S (length layers)) with (length net).
  - apply contraction; [exact S0| |exact H]. apply Forall_app. split.
    + apply Forall_forall. intros l I. apply in_map_iff in I as (a & <- & _). apply contracts_relu.
    + constructor; [apply contracts_identity|constructor].
  - unfold net. rewrite app_length, map_length. simpl. lia.
Qed.

(** The affine map of one configuration: masks instead of rectifiers. *)
Theorem theorem_6_spectral_cell s n (layers : list (nat * matrix * vector * (nat -> bool))) last x y : 0 <= s ->
  let net := map (fun l => hidden (mask (snd l)) (fst l)) layers ++ [hidden identity last] in
  spectral_all s n net ->
  sq (last_width n net) (fun r => through n x net r - through n y net r) <=
  power s (S (length layers)) * sq n (fun c => x c - y c).
Proof.
  intros S0 net H. replace (S (length layers)) with (length net).
  - apply contraction; [exact S0| |exact H]. apply Forall_app. split.
    + apply Forall_forall. intros l I. apply in_map_iff in I as (a & <- & _). apply contracts_mask.
    + constructor; [apply contracts_identity|constructor].
  - unfold net. rewrite app_length, map_length. simpl. lia.
Qed.

(** ** Theorem 6 (i) across cells: between any two inputs each rectifier acts like a factor in [0, 1] *)

Definition factor (a b : Q) : Q := if Qeq_dec a b then 0 else (rectifier a - rectifier b) / (a - b).

Lemma factor_ok a b : rectifier a - rectifier b == factor a b * (a - b).
Proof.
  unfold factor. destruct (Qeq_dec a b) as [E|N].
  - unfold rectifier. destruct (Qlt_le_dec 0 a), (Qlt_le_dec 0 b); lra.
  - field. intros E. apply N. lra.
Qed.

Lemma factor_range a b : 0 <= factor a b /\ factor a b <= 1.
Proof.
  unfold factor. destruct (Qeq_dec a b) as [E|N]; [lra|].
  destruct (Qlt_le_dec b a) as [H|H].
  - split; [apply Qle_shift_div_l|apply Qle_shift_div_r]; try lra;
      unfold rectifier; destruct (Qlt_le_dec 0 a), (Qlt_le_dec 0 b); lra.
  - assert (H' : a < b) by (apply Qle_lteq in H as [H|H]; [exact H|contradiction]).
    setoid_replace ((rectifier a - rectifier b) / (a - b)) with ((rectifier b - rectifier a) / (b - a))
      by (field; split; intros E; apply N; lra).
    split; [apply Qle_shift_div_l|apply Qle_shift_div_r]; try lra;
      unfold rectifier; destruct (Qlt_le_dec 0 a), (Qlt_le_dec 0 b); lra.
Qed.

(** From the preactivations [z] of the first layer on: width of [z], next matrix, next bias. *)
Fixpoint onwards (z : vector) (rest : list (nat * matrix * vector)) : vector :=
  match rest with
  | [] => z
  | (w, M, b) :: more => onwards (fun r => sum (seq 0 w) (fun k => M r k * rectifier (z k)) + b r) more
  end.

Definition damped (st : stage) (l : nat * matrix * vector) : Prop :=
  fst st = seq 0 (fst (fst l)) /\
  exists d : vector, (forall k, 0 <= d k /\ d k <= 1) /\ forall r k, snd st r k = snd (fst l) r k * d k.

Lemma difference n u rest : forall A zx zy, (forall k, zx k - zy k == apply A n u k) ->
  exists stages, Forall2 damped stages rest /\
    forall r, onwards zx rest r - onwards zy rest r == apply (linear A stages) n u r.
Proof.
  induction rest as [|[[w M] b] rest IH]; intros A zx zy H.
  - exists []. split; [constructor|exact H].
  - set (d := fun k => factor (zx k) (zy k)). set (st := (seq 0 w, fun r k => M r k * d k) : stage).
    destruct (IH (step A st) (fun r => sum (seq 0 w) (fun k => M r k * rectifier (zx k)) + b r)
                 (fun r => sum (seq 0 w) (fun k => M r k * rectifier (zy k)) + b r)) as (stages & F & E).
    + intros r. unfold st, apply, step. cbn [fst snd].
      transitivity (sum (seq 0 w) (fun k => M r k * d k * apply A n u k)).
      * rewrite (sum_ext _ (fun k => M r k * d k * apply A n u k)
          (fun k => M r k * rectifier (zx k) + - 1 * (M r k * rectifier (zy k)))).
        { rewrite sum_add, sum_scale. ring. }
        intros k _. rewrite <- H. pose proof (factor_ok (zx k) (zy k)) as X. fold (d k) in X.
        transitivity (M r k * (d k * (zx k - zy k))); [ring|]. rewrite <- X. ring.
      * unfold apply. rewrite (sum_ext _ _ (fun k => sum (seq 0 n) (fun c => M r k * d k * A k c * u c))).
        { rewrite sum_swap. apply sum_ext. intros c _. apply sum_scale_r. }
        intros k _. rewrite <- sum_scale. apply sum_ext. intros; ring.
    + exists (st :: stages). split; [|exact E]. constructor; [|exact F]. split; [reflexivity|].
      exists d. split; [intros k; apply factor_range|reflexivity].
Qed.

Fixpoint widths_growth (m : Q) (middle : list (nat * matrix * vector)) : Q :=
  match middle with [] => m | (w, _, _) :: rest => m * inject_Z (Z.of_nat w) * widths_growth m rest end.

Lemma growth_widths m stages middle : Forall2 damped stages middle -> growth m stages == widths_growth m middle.
Proof.
  intros F. induction F as [|[T M] [[w M'] b] stages middle [E _] F IH]; cbn [growth widths_growth]; [reflexivity|].
  cbn in E. subst T. rewrite IH, size_length, seq_length. reflexivity.
Qed.

Lemma damped_entries m st l : damped st l -> entries_le m (snd (fst l)) -> entries_le m (snd st).
Proof.
  intros (_ & d & R & E) H r k. rewrite E, Qabs_Qmult. pose proof (H r k) as A. destruct (R k) as [R0 R1].
  rewrite (Qabs_pos (d k)) by exact R0. pose proof (Qabs_nonneg (snd (fst l) r k)) as P.
  pose proof (Qmult_le_0_compat _ (1 - d k) P ltac:(lra)). lra.
Qed.

(** *** Theorem 6 (i), global: m^{L-2} n_1 ... n_{L-1} is a Lipschitz constant. *)
Theorem theorem_6_global n0 nL m M1 b1 w1 M2 b2 middle w ML bL x y : 0 <= m ->
  row_norms n0 M1 -> column_norms nL ML -> entries_le m M2 ->
  (forall l, In l middle -> entries_le m (snd (fst l))) ->
  let net z := onwards (fun k => apply M1 n0 z k + b1 k) ((w1, M2, b2) :: middle ++ [(w, ML, bL)]) in
  let K := inject_Z (Z.of_nat w) * inject_Z (Z.of_nat w1) * widths_growth m middle in
  sq nL (fun r => net x r - net y r) <= K * K * sq n0 (fun c => x c - y c).
Proof.
  intros P HR HC H2 HM net K.
  set (u := fun c => x c - y c).
  destruct (difference n0 u ((w1, M2, b2) :: middle ++ [(w, ML, bL)]) M1
    (fun k => apply M1 n0 x k + b1 k) (fun k => apply M1 n0 y k + b1 k)) as (stages & F & E).
  { intros k. unfold apply, u.
    rewrite (sum_ext _ (fun c => M1 k c * (x c - y c)) (fun c => M1 k c * x c + - 1 * (M1 k c * y c))) by (intros; ring).
    rewrite sum_add, sum_scale. ring. }
  eapply Qle_trans; [apply Qle_lteq; right; exact (sq_ext nL _ _ E)|]. clear E.
  inversion F as [|[T1 M2'] ? tail ? D1 F']; subst.
  apply Forall2_app_inv_r in F' as (middle' & last & Fm & Fl & ->).
  inversion Fl as [|[T ML'] ? ? ? DL Fn]; subst. inversion Fn; subst.
  assert (HC' : column_norms nL ML').
  { destruct DL as (_ & d & R & EL). cbn [fst snd] in EL. intros i. pose proof (HC i) as C. destruct (R i) as [R0 R1].
    unfold sq, dots in *. rewrite (sum_ext _ _ (fun r => d i * d i * (ML r i * ML r i))) by (intros; rewrite EL; ring).
    rewrite sum_scale. fold (dots (seq 0 nL) (fun r => ML r i) (fun r => ML r i)) in *.
    pose proof (dots_nonneg (seq 0 nL) (fun r => ML r i)) as N.
    assert (D : d i * d i <= 1) by (pose proof (Qmult_le_0_compat (1 - d i) (1 + d i) ltac:(lra) ltac:(lra)); lra).
    pose proof (Qmult_le_0_compat _ _ (proj1 (Qle_minus_iff _ _) D) N). lra. }
  assert (H2' : entries_le m M2') by (apply (damped_entries m _ _ D1); exact H2).
  assert (HM' : forall st, In st middle' -> entries_le m (snd st)).
  { clear - Fm HM. induction Fm as [|st l s' l' D F IH]; intros st' [].
    - subst st'. apply (damped_entries m _ _ D). apply HM. left. reflexivity.
    - apply IH; [intros l0 I; apply HM; right; exact I|assumption]. }
  eapply Qle_trans; [apply (theorem_6_cell n0 nL m M1 T1 M2' middle' T ML' u P HR HC' H2' HM')|].
  assert (EK : constant m T1 middle' T == K).
  { unfold constant, K. rewrite (growth_widths _ _ _ Fm), !size_length.
    destruct D1 as [D1 _], DL as [DL _]. cbn [fst] in D1, DL. subst T1 T. rewrite !seq_length. reflexivity. }
  rewrite EK. lra.
Qed.
