(** Theorem 5 for every depth: the linear part of a configuration as a sum of atoms, its coefficients as sums over paths.

    A matrix is a function of row and column, a support a list of indices, and a sum runs over such a list.  A deep
    network is given from its first layer on: the matrix M1, then pairs (S_l, M_{l+1}).  [linear M1 layers] is
    A_D = M_L D_{L-1} M_{L-1} ... D_1 M_1 with D_l the diagonal 0/1 matrix of S_l ([diagonal_sum]). *)

From Coq Require Import QArith List Arith Lia.
Import ListNotations.
Open Scope Q_scope.

Definition matrix := nat -> nat -> Q.

Fixpoint sum {A} (l : list A) (f : A -> Q) : Q :=
  match l with [] => 0 | a :: l' => f a + sum l' f end.

Lemma sum_ext {A} (l : list A) f g : (forall a, In a l -> f a == g a) -> sum l f == sum l g.
Proof.
  induction l as [|a l IH]; intros E; simpl; [reflexivity|].
  rewrite (E a) by (left; reflexivity). rewrite IH by (intros b I; apply E; right; exact I). reflexivity.
Qed.

Lemma sum_add {A} (l : list A) f g : sum l (fun a => f a + g a) == sum l f + sum l g.
Proof. induction l; simpl; [ring|]. rewrite IHl. ring. Qed.

Lemma sum_scale {A} (l : list A) k f : sum l (fun a => k * f a) == k * sum l f.
Proof. induction l; simpl; [ring|]. rewrite IHl. ring. Qed.

Lemma sum_scale_r {A} (l : list A) k f : sum l (fun a => f a * k) == sum l f * k.
Proof. induction l; simpl; [ring|]. rewrite IHl. ring. Qed.

Lemma sum_zero {A} (l : list A) : sum l (fun _ => 0) == 0.
Proof. induction l; simpl; [reflexivity|]. rewrite IHl. reflexivity. Qed.

Lemma sum_swap {A B} (l : list A) (m : list B) f :
  sum l (fun a => sum m (fun b => f a b)) == sum m (fun b => sum l (fun a => f a b)).
Proof.
  induction l as [|a l IH]; simpl; [symmetry; apply sum_zero|]. rewrite IH, <- sum_add. reflexivity.
Qed.

Lemma sum_app {A} (l m : list A) f : sum (l ++ m) f == sum l f + sum m f.
Proof. induction l; simpl; [ring|]. rewrite IHl. ring. Qed.

Lemma sum_map {A B} (g : A -> B) l f : sum (map g l) f == sum l (fun a => f (g a)).
Proof. induction l; simpl; [reflexivity|]. rewrite IHl. reflexivity. Qed.

Lemma sum_flat_map {A B} (g : A -> list B) l f : sum (flat_map g l) f == sum l (fun a => sum (g a) f).
Proof. induction l; simpl; [reflexivity|]. rewrite sum_app, IHl. reflexivity. Qed.

(** A diagonal 0/1 matrix between two others is the restriction of the sum to the support. *)
Lemma diagonal_sum n (d : nat -> bool) f :
  sum (seq 0 n) (fun k => (if d k then 1 else 0) * f k) == sum (filter d (seq 0 n)) f.
Proof.
  induction (seq 0 n) as [|k l IH]; simpl; [reflexivity|]. rewrite IH. destruct (d k); simpl; ring.
Qed.

(** ** The linear part *)

Definition stage : Type := list nat * matrix.

Definition step (acc : matrix) (st : stage) : matrix := fun r c => sum (fst st) (fun k => snd st r k * acc k c).

Fixpoint linear (acc : matrix) (stages : list stage) : matrix :=
  match stages with
  | [] => acc
  | st :: rest => linear (step acc st) rest
  end.

Definition meq (A B : matrix) : Prop := forall r c, A r c == B r c.

Lemma linear_ext stages : forall A B, meq A B -> meq (linear A stages) (linear B stages).
Proof.
  induction stages as [|st stages IH]; intros A B E; simpl; [exact E|].
  apply IH. intros r c. unfold step. apply sum_ext. intros k _. rewrite (E k c). reflexivity.
Qed.

Lemma linear_app stages : forall A more, linear A (stages ++ more) = linear (linear A stages) more.
Proof. induction stages; intros; simpl; auto. Qed.

(** The matrix product is associative: a first factor may be multiplied on at the end. *)
Lemma linear_factor T M1 stages : forall M,
  meq (linear (step M1 (T, M)) stages) (step M1 (T, linear M stages)).
Proof.
  induction stages as [|[T' M'] stages IH]; intros M; simpl; [intros r c; reflexivity|].
  intros r c. rewrite <- (IH (step M (T', M')) r c). apply linear_ext. clear.
  intros r c. unfold step. cbn [fst snd].
  transitivity (sum T' (fun k => sum T (fun j => M' r k * M k j * M1 j c))).
  - apply sum_ext. intros k _. rewrite <- sum_scale. apply sum_ext. intros j _. ring.
  - rewrite sum_swap. apply sum_ext. intros j _. rewrite <- sum_scale_r. reflexivity.
Qed.

(** *** Theorem 5, two layers: A_D = sum_{i in S_1} m2_{:,i} (x) m1_{i,:}. *)
Theorem theorem_5_two M1 S1 M2 r c : linear M1 [(S1, M2)] r c == sum S1 (fun i => M2 r i * M1 i c).
Proof. reflexivity. Qed.

(** *** Theorem 5, three or more layers.  [alpha] uses only M_2, ..., M_{L-1} and S_2, ..., S_{L-2}. *)
Definition alpha (M2 : matrix) (middle : list stage) : matrix := linear M2 middle.

Theorem theorem_5 M1 S1 M2 middle T ML r c :
  linear M1 ((S1, M2) :: middle ++ [(T, ML)]) r c ==
  sum T (fun i => sum S1 (fun j => alpha M2 middle i j * (ML r i * M1 j c))).
Proof.
  simpl. rewrite linear_app. simpl. unfold step at 1. cbn [fst snd]. apply sum_ext. intros i _.
  rewrite (linear_factor S1 M1 middle M2 i c). unfold step. cbn [fst snd].
  rewrite <- sum_scale. apply sum_ext. intros j _. unfold alpha. ring.
Qed.

(** ** Paths *)

Fixpoint paths (middle : list stage) : list (list nat) :=
  match middle with
  | [] => [[]]
  | (T, _) :: rest => flat_map (fun k => map (cons k) (paths rest)) T
  end.

(** The product of the weights along the path from [j] through [p] to [i]. *)
Fixpoint weight (M : matrix) (j : nat) (middle : list stage) (p : list nat) (i : nat) : Q :=
  match middle, p with
  | (_, M') :: rest, k :: p' => M k j * weight M' k rest p' i
  | _, _ => M i j
  end.

Theorem alpha_paths middle : forall M2 i j,
  alpha M2 middle i j == sum (paths middle) (fun p => weight M2 j middle p i).
Proof.
  unfold alpha. induction middle as [|[T M] rest IH]; intros M2 i j; simpl; [ring|].
  rewrite (linear_factor T M2 rest M i j). unfold step. cbn [fst snd].
  rewrite sum_flat_map. apply sum_ext. intros k _.
  rewrite sum_map, IH, <- sum_scale_r. apply sum_ext. intros p _. ring.
Qed.

Fixpoint product (l : list nat) : nat := match l with [] => 1%nat | n :: l' => (n * product l')%nat end.

(** Each coefficient has prod_{l=2}^{L-2} s_l paths. *)
Theorem paths_count middle : length (paths middle) = product (map (fun st => length (fst st)) middle).
Proof.
  induction middle as [|[T M] rest IH]; simpl; [reflexivity|]. rewrite <- IH. clear.
  induction T as [|k T IH]; simpl; [reflexivity|]. rewrite app_length, map_length, IH. reflexivity.
Qed.

(** The L-layer formula in one line: A_D is the sum over all active paths from input to output. *)
Theorem linear_paths M1 stages r c : linear M1 stages r c == sum (paths stages) (fun p => weight M1 c stages p r).
Proof. apply (alpha_paths stages M1 r c). Qed.

(** ** The offset: c_D = b_L + sum_l (M_L D_{L-1} ... M_{l+1} D_l) b_l *)

Definition vector := nat -> Q.
Definition bstage : Type := list nat * matrix * vector.

Definition apply (A : matrix) (n : nat) (x : vector) : vector := fun r => sum (seq 0 n) (fun c => A r c * x c).

Fixpoint affine (c : vector) (stages : list bstage) : vector :=
  match stages with
  | [] => c
  | (T, M, b) :: rest => affine (fun r => sum T (fun k => M r k * c k) + b r) rest
  end.

Definition unbiased (stages : list bstage) : list stage := map fst stages.

(** The affine map of a configuration is x |-> A_D x + c_D, and c_D is the value at 0. *)
Theorem affine_split stages : forall M1 n x c,
  forall r, affine (fun k => apply M1 n x k + c k) stages r ==
            apply (linear M1 (unbiased stages)) n x r + affine c stages r.
Proof.
  assert (Ext : forall stages c c', (forall k, c k == c' k) -> forall r, affine c stages r == affine c' stages r).
  { induction stages0 as [|[[T M] b] rest IH]; intros c c' E r; simpl; [apply E|].
    apply IH. intros k. rewrite (sum_ext T _ (fun k0 => M k k0 * c' k0)); [reflexivity|].
    intros a _. rewrite E. reflexivity. }
  induction stages as [|[[T M] b] rest IH]; intros M1 n x c r; simpl; [reflexivity|].
  rewrite <- IH. apply Ext. intros k. unfold apply, step. cbn [fst snd].
  transitivity (sum T (fun a => M k a * sum (seq 0 n) (fun c0 => M1 a c0 * x c0)) + sum T (fun a => M k a * c a) + b k).
  - rewrite <- sum_add. rewrite (sum_ext T _ (fun a => M k a * sum (seq 0 n) (fun c0 => M1 a c0 * x c0) + M k a * c a)).
    + reflexivity.
    + intros a _. ring.
  - rewrite (sum_ext T _ (fun a => sum (seq 0 n) (fun c0 => M k a * M1 a c0 * x c0))).
    + rewrite sum_swap. rewrite (sum_ext (seq 0 n) _ (fun c0 => sum T (fun k0 => M k k0 * M1 k0 c0) * x c0)); [ring|].
      intros c0 _. apply sum_scale_r.
    + intros a _. rewrite <- sum_scale. apply sum_ext. intros; ring.
Qed.

(** Each bias passes through the layers behind it. *)
Fixpoint bias_paths (stages : list bstage) : vector :=
  match stages with
  | [] => fun _ => 0
  | (T, M, b) :: rest =>
      fun r => match unbiased rest with
               | [] => b r
               | (T', M') :: more => sum T' (fun k => linear M' more r k * b k) + bias_paths rest r
               end
  end.

Lemma affine_unbiased_shift rest : forall c, forall r,
  affine c rest r ==
  match unbiased rest with [] => c r | (T', M') :: more => sum T' (fun k => linear M' more r k * c k) + bias_paths rest r end.
Proof.
  assert (Lin : forall stages T M c r,
    sum T (fun k => linear M stages r k * c k) ==
    match stages with
    | [] => sum T (fun k => M r k * c k)
    | (T', M') :: more => sum T' (fun k => linear M' more r k * sum T (fun j => M k j * c j))
    end).
  { intros [|[T' M'] more] T M c r; [reflexivity|]. simpl.
    rewrite (sum_ext T _ (fun k => sum T' (fun j => linear M' more r j * M j k * c k))).
    - rewrite sum_swap. apply sum_ext. intros j _. rewrite <- sum_scale. apply sum_ext. intros; ring.
    - intros k _. rewrite (linear_factor T' M more M' r k). unfold step. cbn [fst snd]. rewrite <- sum_scale_r. reflexivity. }
  induction rest as [|[[T M] b] rest IH]; intros c r; [reflexivity|].
  cbn [affine unbiased map fst]. rewrite IH. fold (unbiased rest).
  rewrite (Lin (unbiased rest) T M c r). cbn [bias_paths]. destruct (unbiased rest) as [|[T' M'] more].
  - ring.
  - rewrite (sum_ext T' _ (fun k => linear M' more r k * sum T (fun j => M k j * c j) + linear M' more r k * b k)).
    + rewrite sum_add. ring.
    + intros; ring.
Qed.

Theorem offset M2 S1 b2 rest b1 r :
  affine b1 ((S1, M2, b2) :: rest) r ==
  sum S1 (fun k => linear M2 (unbiased rest) r k * b1 k) + bias_paths ((S1, M2, b2) :: rest) r.
Proof. apply (affine_unbiased_shift ((S1, M2, b2) :: rest) b1 r). Qed.
