(** Networks over Q and their configurations.

    A layer maps [h] to [z = (W h + b) / q]; hidden neuron [k] then multiplies [z_k] by its slope [neg / s] or [pos / s].
    A neuron whose two slopes differ is a unit and has a bit.  Every ReLU network is the case of slopes (0, 1).

    [config x] is the configuration of a point: bit 1 iff the unit's preactivation is positive ([HH19], A.0).
    [fpre D x] are the preactivations when the slopes are those that [D] fixes, whatever the signs are (the affine
    recursion).  P_D is the set of the points [x] whose [fpre D x] have the signs that [D] says. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors.
Import ListNotations.
Open Scope Q_scope.

Record neuron := Neuron { weights : list Z; bias : Z; neg : Z; pos : Z }.
Record layer := Layer { den : positive; slope_den : positive; neurons : list neuron }.
Definition network := list layer.  (** the hidden layers; the last, affine layer changes no configuration *)

Definition is_unit (n : neuron) : bool := negb (neg n =? pos n)%Z.

Definition units_of (ns : list neuron) : nat := length (filter is_unit ns).
Fixpoint units (net : network) : nat :=
  match net with [] => 0%nat | L :: rest => (units_of (neurons L) + units rest)%nat end.

Definition positive_b (z : Q) : bool := negb (Qle_bool z 0).

Lemma positive_b_spec z : if positive_b z then 0 < z else z <= 0.
Proof.
  unfold positive_b. destruct (Qle_bool z 0) eqn:E; simpl.
  - apply Qle_bool_iff. exact E.
  - apply Qnot_le_lt. intros H. apply Qle_bool_iff in H. congruence.
Qed.

(** ** The network as a function, and the configuration of a point *)

Definition pre (q : positive) (h : list Q) (n : neuron) : Q := (dot (weights n) h + qz (bias n)) * [/q].
Definition slope (n : neuron) (b : bool) : Z := if b then pos n else neg n.
Definition post (s : positive) (n : neuron) (z : Q) : Q := qz (slope n (positive_b z)) * z * [/s].

Definition output (L : layer) (h : list Q) : list Q :=
  map (fun n => post (slope_den L) n (pre (den L) h n)) (neurons L).

Definition preactivations (L : layer) (h : list Q) : list Q := map (pre (den L) h) (filter is_unit (neurons L)).

Fixpoint config (net : network) (h : list Q) : list bool :=
  match net with
  | [] => []
  | L :: rest => map positive_b (preactivations L h) ++ config rest (output L h)
  end.

Lemma config_length net : forall h, length (config net h) = units net.
Proof.
  induction net as [|L net IH]; intros h; simpl; [reflexivity|].
  rewrite app_length, IH. unfold preactivations. rewrite !map_length. reflexivity.
Qed.

(** ** The affine recursion of a configuration *)

Fixpoint fout (q s : positive) (h : list Q) (ns : list neuron) (D : list bool) : list Q :=
  match ns with
  | [] => []
  | n :: ns' =>
      if is_unit n then
        match D with
        | [] => 0 :: fout q s h ns' []
        | b :: D' => qz (slope n b) * pre q h n * [/s] :: fout q s h ns' D'
        end
      else qz (neg n) * pre q h n * [/s] :: fout q s h ns' D
  end.

Fixpoint fzs (q : positive) (h : list Q) (ns : list neuron) (D : list bool) : list Q :=
  match ns with
  | [] => []
  | n :: ns' =>
      if is_unit n then
        match D with
        | [] => []
        | b :: D' => pre q h n :: fzs q h ns' D'
        end
      else fzs q h ns' D
  end.

Fixpoint fpre (net : network) (D : list bool) (h : list Q) : list Q :=
  match net with
  | [] => []
  | L :: rest =>
      fzs (den L) h (neurons L) D ++
      fpre rest (skipn (units_of (neurons L)) D) (fout (den L) (slope_den L) h (neurons L) D)
  end.

Lemma fpre_nil net : forall h, fpre net [] h = [].
Proof.
  assert (F : forall q h ns, fzs q h ns [] = []).
  { intros q h. induction ns as [|n ns IH]; simpl; [reflexivity|]. destruct (is_unit n); auto. }
  induction net as [|L net IH]; intros h; simpl; [reflexivity|].
  rewrite F, skipn_nil, IH. reflexivity.
Qed.

Lemma units_of_cons n ns : units_of (n :: ns) = ((if is_unit n then 1 else 0) + units_of ns)%nat.
Proof. unfold units_of. simpl. destruct (is_unit n); reflexivity. Qed.

Lemma skipn_app_le {A} n (p q : list A) : (n <= length p)%nat -> skipn n (p ++ q) = skipn n p ++ q.
Proof. intros H. rewrite skipn_app. replace (n - length p)%nat with 0%nat by lia. reflexivity. Qed.

Lemma fzs_app q h ns : forall p r, (units_of ns <= length p)%nat -> fzs q h ns (p ++ r) = fzs q h ns p.
Proof.
  induction ns as [|n ns IH]; intros p r H; simpl; [reflexivity|]. rewrite units_of_cons in H.
  destruct (is_unit n); [|apply IH; lia].
  destruct p as [|b p]; simpl in *; [lia|]. f_equal. apply IH. lia.
Qed.

Lemma fout_app q s h ns : forall p r, (units_of ns <= length p)%nat -> fout q s h ns (p ++ r) = fout q s h ns p.
Proof.
  induction ns as [|n ns IH]; intros p r H; simpl; [reflexivity|]. rewrite units_of_cons in H.
  destruct (is_unit n).
  - destruct p as [|b p]; simpl in *; [lia|]. f_equal. apply IH. lia.
  - f_equal. apply IH. lia.
Qed.

Lemma fzs_short q h ns : forall p r, exists t, fzs q h ns (p ++ r) = fzs q h ns p ++ t.
Proof.
  induction ns as [|n ns IH]; intros p r; simpl; [exists []; reflexivity|].
  destruct (is_unit n); [|apply IH].
  destruct p as [|b p]; simpl; [eexists; reflexivity|].
  destruct (IH p r) as [t E]. exists t. rewrite E. reflexivity.
Qed.

(** A prefix of a configuration determines the preactivations of its own units. *)
Lemma fpre_app net : forall p r h, exists t, fpre net (p ++ r) h = fpre net p h ++ t.
Proof.
  induction net as [|L net IH]; intros p r h; simpl; [exists []; reflexivity|].
  destruct (Nat.le_gt_cases (units_of (neurons L)) (length p)) as [H|H].
  - rewrite fzs_app, fout_app, skipn_app_le by exact H.
    destruct (IH (skipn (units_of (neurons L)) p) r (fout (den L) (slope_den L) h (neurons L) p)) as [t E].
    exists t. rewrite E, app_assoc. reflexivity.
  - rewrite (skipn_all2 p) by lia. rewrite fpre_nil, app_nil_r.
    destruct (fzs_short (den L) h (neurons L) p r) as [t E]. rewrite E, <- app_assoc. eexists. reflexivity.
Qed.

(** ** The three notions of a sign *)

Inductive notion := Full | HalfOpen | Closed.

Definition sign (k : notion) (b : bool) (z : Q) : Prop :=
  match k with
  | Closed => if b then 0 <= z else z <= 0
  | _ => if b then 0 < z else z <= 0
  end.

(** P_D: the points at which the affine recursion has the signs of [D]. *)
Definition in_cell (k : notion) (net : network) (D : list bool) (x : list Q) : Prop :=
  Forall2 (sign k) D (fpre net D x).

(** *** Lemma A.2: with the tie rule there is exactly one bit, namely whether the number is positive. *)
Theorem lemma_A2 (b : bool) (z : Q) :
  let d := if b then 1 else 0 in
  (0 <= d * z /\ (1 - d) * z <= 0 /\ (z == 0 -> d == 0)) <-> sign HalfOpen b z.
Proof.
  destruct b; simpl; split.
  - intros (H1 & _ & H3). destruct (Qlt_le_dec 0 z) as [H|H]; [exact H|].
    assert (E : z == 0) by lra. specialize (H3 E). discriminate.
  - intros H. repeat split; try lra. all: intros E; lra.
  - intros (_ & H & _). lra.
  - intros H. repeat split; try lra. all: intros; reflexivity.
Qed.

Theorem lemma_A2_unique (b : bool) (z : Q) : sign HalfOpen b z <-> b = positive_b z.
Proof.
  pose proof (positive_b_spec z) as P. split.
  - destruct b, (positive_b z); simpl; intros H; try reflexivity; lra.
  - intros ->. destruct (positive_b z); exact P.
Qed.

Theorem lemma_A2_weak (b : bool) (z : Q) :
  let d := if b then 1 else 0 in (0 <= d * z /\ (1 - d) * z <= 0) <-> sign Closed b z.
Proof. destruct b; simpl; split; [intros []|intros; split|intros []|intros; split]; lra. Qed.

(** ** Correctness of the affine recursion: where the signs are right, forced and true values agree. *)

Definition weakly (b : bool) (z : Q) : Prop := sign Closed b z.

Lemma sign_weakly k b z : sign k b z -> weakly b z.
Proof. unfold weakly. destruct k, b; simpl; intros; lra. Qed.

Lemma post_weakly s n b z : weakly b z -> post s n z == qz (slope n b) * z * [/s].
Proof.
  intros W. unfold post. pose proof (positive_b_spec z) as P. unfold weakly, sign in W.
  destruct b, (positive_b z); try reflexivity; assert (E : z == 0) by lra; rewrite E; ring.
Qed.

Lemma fout_true q s h ns : forall D, Forall2 weakly (firstn (units_of ns) D) (fzs q h ns D) ->
  (units_of ns <= length D)%nat ->
  veq (fout q s h ns D) (map (fun n => post s n (pre q h n)) ns).
Proof.
  induction ns as [|n ns IH]; intros D F H; simpl; [constructor|].
  rewrite units_of_cons in *. destruct (is_unit n) eqn:U; simpl in *; rewrite U in *.
  - destruct D as [|b D]; simpl in *; [lia|]. inversion F; subst.
    constructor; [symmetry; apply post_weakly; assumption|]. apply IH; [assumption|lia].
  - constructor; [|apply IH; assumption].
    unfold post, slope. unfold is_unit in U. apply negb_false_iff, Z.eqb_eq in U. rewrite U.
    destruct (positive_b _); reflexivity.
Qed.

Lemma fzs_length q h ns : forall D, length (fzs q h ns D) = Nat.min (units_of ns) (length D).
Proof.
  induction ns as [|n ns IH]; intros D; simpl; [reflexivity|]. rewrite units_of_cons.
  destruct (is_unit n); simpl; [|apply IH]. destruct D; simpl; [reflexivity|]. rewrite IH. reflexivity.
Qed.

Lemma fpre_length net : forall D h, length (fpre net D h) = Nat.min (units net) (length D).
Proof.
  induction net as [|L net IH]; intros D h; simpl; [reflexivity|].
  rewrite app_length, fzs_length, IH, skipn_length. lia.
Qed.

Lemma Forall2_split {A B} (R : A -> B -> Prop) l : forall a b, Forall2 R l (a ++ b) ->
  Forall2 R (firstn (length a) l) a /\ Forall2 R (skipn (length a) l) b.
Proof.
  induction l as [|x l IH]; intros a b H.
  - apply Forall2_length in H. rewrite app_length in H. destruct a, b; try discriminate. simpl. auto.
  - destruct a as [|y a]; simpl in *; [auto|]. inversion H; subst.
    destruct (IH a b) as [F G]; [assumption|]. split; [constructor|]; assumption.
Qed.

Lemma Forall2_join {A B} (R : A -> B -> Prop) n l : forall a b, length a = n -> Forall2 R (firstn n l) a ->
  Forall2 R (skipn n l) b -> Forall2 R l (a ++ b).
Proof.
  intros a b E F G. rewrite <- (firstn_skipn n l). apply Forall2_app; assumption.
Qed.

Lemma pre_veq q n h h' : veq h h' -> pre q h n == pre q h' n.
Proof. intros H. unfold pre. rewrite (dot_veq _ _ _ H). reflexivity. Qed.

Lemma fout_veq q s h h' ns : veq h h' -> forall D, veq (fout q s h ns D) (fout q s h' ns D).
Proof.
  intros H. induction ns as [|n ns IH]; intros D; simpl; [constructor|].
  destruct (is_unit n); [destruct D|]; constructor; try apply IH; try reflexivity.
  all: rewrite (pre_veq _ _ _ _ H); reflexivity.
Qed.

Lemma fzs_veq q h h' ns : veq h h' -> forall D, veq (fzs q h ns D) (fzs q h' ns D).
Proof.
  intros H. induction ns as [|n ns IH]; intros D; simpl; [constructor|].
  destruct (is_unit n); [destruct D|]; try constructor; try apply IH. apply (pre_veq _ _ _ _ H).
Qed.

Lemma fpre_veq net : forall D h h', veq h h' -> veq (fpre net D h) (fpre net D h').
Proof.
  induction net as [|L net IH]; intros D h h' H; simpl; [constructor|].
  apply Forall2_app; [apply fzs_veq; exact H|]. apply IH, fout_veq, H.
Qed.

Lemma sign_eq k b z z' : z == z' -> sign k b z -> sign k b z'.
Proof. intros E. destruct k, b; simpl; rewrite E; auto. Qed.

Lemma Forall2_sign_veq k D : forall z z', veq z z' -> Forall2 (sign k) D z -> Forall2 (sign k) D z'.
Proof.
  induction D as [|b D IH]; intros z z' V F; inversion F; subst; inversion V; subst; constructor.
  - eapply sign_eq; eassumption.
  - eapply IH; eassumption.
Qed.

Lemma veq_sym x y : veq x y -> veq y x.
Proof. intros H. induction H; constructor; [symmetry|]; assumption. Qed.

Lemma positive_b_veq z z' : veq z z' -> map positive_b z = map positive_b z'.
Proof.
  intros H. induction H as [|a b l l' E H IH]; simpl; [reflexivity|]. rewrite IH. f_equal.
  apply lemma_A2_unique, (sign_eq HalfOpen _ a); [exact E|]. apply lemma_A2_unique. reflexivity.
Qed.

Lemma positive_b_eq z z' : z == z' -> positive_b z = positive_b z'.
Proof. intros E. assert (H : veq [z] [z']) by (constructor; [exact E|constructor]).
  apply positive_b_veq in H. simpl in H. congruence. Qed.

Lemma config_veq net : forall h h', veq h h' -> config net h = config net h'.
Proof.
  induction net as [|L net IH]; intros h h' H; simpl; [reflexivity|]. f_equal.
  - apply positive_b_veq. unfold preactivations.
    induction (filter is_unit (neurons L)) as [|n ns IHn]; simpl; constructor; [apply pre_veq, H|exact IHn].
  - apply IH. unfold output. induction (neurons L) as [|n ns IHn]; simpl; constructor; [|exact IHn].
    unfold post. rewrite (positive_b_eq _ _ (pre_veq (den L) n _ _ H)), (pre_veq (den L) n _ _ H). reflexivity.
Qed.

Lemma fzs_all q h ns : forall D, (units_of ns <= length D)%nat -> fzs q h ns D = map (pre q h) (filter is_unit ns).
Proof.
  induction ns as [|n ns IH]; intros D H; simpl; [reflexivity|]. rewrite units_of_cons in H.
  destruct (is_unit n); simpl; [|apply IH; exact H].
  destruct D; simpl in *; [lia|]. f_equal. apply IH. lia.
Qed.

(** ** Proposition 3: the cells are a partition of the input space, and finer networks refine it. *)

(** Every point lies in the cell of its configuration ... *)
Theorem config_in_cell net : forall x, in_cell HalfOpen net (config net x) x.
Proof.
  unfold in_cell. induction net as [|L net IH]; intros x; simpl; [constructor|].
  set (zs := preactivations L x).
  assert (Lz : length (map positive_b zs) = units_of (neurons L)).
  { unfold zs, preactivations. rewrite !map_length. reflexivity. }
  rewrite fzs_app, fout_app by lia. rewrite skipn_app, <- Lz, skipn_all, Nat.sub_diag. simpl.
  assert (S : Forall2 (sign HalfOpen) (map positive_b zs) (fzs (den L) x (neurons L) (map positive_b zs))).
  { rewrite fzs_all by lia. unfold zs, preactivations.
    induction (filter is_unit (neurons L)); simpl; constructor; [apply lemma_A2_unique; reflexivity|assumption]. }
  apply Forall2_app; [exact S|].
  assert (V : veq (fout (den L) (slope_den L) x (neurons L) (map positive_b zs)) (output L x)).
  { apply fout_true; [|lia]. rewrite <- Lz, firstn_all.
    eapply Forall2_impl; [|exact S]. intros a b; apply sign_weakly. }
  apply (Forall2_sign_veq _ _ (fpre net (config net (output L x)) (output L x))); [|apply IH].
  apply fpre_veq, veq_sym, V.
Qed.

(** ... and in no other. *)
Theorem cell_unique net : forall D x, length D = units net -> in_cell HalfOpen net D x -> D = config net x.
Proof.
  unfold in_cell. induction net as [|L net IH]; intros D x Len H; simpl in *.
  - destruct D; [reflexivity|discriminate].
  - apply Forall2_split in H as [H1 H2]. rewrite fzs_length in H1, H2.
    replace (Nat.min _ _) with (units_of (neurons L)) in H1, H2 by lia.
    rewrite <- (firstn_skipn (units_of (neurons L)) D). f_equal.
    + rewrite fzs_all in H1 by lia. unfold preactivations.
      remember (firstn (units_of (neurons L)) D) as D1. remember (map (pre _ _) _) as zs.
      clear - H1. induction H1; simpl; [reflexivity|]. f_equal; [|assumption].
      apply lemma_A2_unique. assumption.
    + apply (IH _ (output L x)); [rewrite skipn_length; lia|].
      eapply Forall2_sign_veq; [|exact H2]. apply fpre_veq, fout_true; [|lia].
      eapply Forall2_impl; [|exact H1]. intros a b; apply sign_weakly.
Qed.
