(** Integer rows applied to rational vectors.

    A row is a list of integers, a vector a list of rationals; where one of them is shorter, the rest counts as zero.
    So no lemma below needs a hypothesis about lengths. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
Import ListNotations.
Open Scope Q_scope.

Notation "[/ p ]" := (1 # p) (at level 0, format "[/ p ]").

Definition qz (a : Z) : Q := inject_Z a.

Lemma qz_add a b : qz (a + b) == qz a + qz b.
Proof. unfold qz. rewrite inject_Z_plus. reflexivity. Qed.

Lemma qz_mul a b : qz (a * b) == qz a * qz b.
Proof. unfold qz. rewrite inject_Z_mult. reflexivity. Qed.

Lemma qz_opp a : qz (- a) == - qz a.
Proof. unfold qz. rewrite inject_Z_opp. reflexivity. Qed.

Lemma qz_le a b : (a <= b)%Z -> qz a <= qz b.
Proof. unfold qz. rewrite <- Zle_Qle. auto. Qed.

Lemma qz_lt a b : (a < b)%Z -> qz a < qz b.
Proof. unfold qz. rewrite <- Zlt_Qlt. auto. Qed.

Lemma qz_le_inv a b : qz a <= qz b -> (a <= b)%Z.
Proof. unfold qz. rewrite <- Zle_Qle. auto. Qed.

Lemma qz_lt_inv a b : qz a < qz b -> (a < b)%Z.
Proof. unfold qz. rewrite <- Zlt_Qlt. auto. Qed.

Lemma qz_pos p : 0 < qz (Zpos p).
Proof. reflexivity. Qed.

Lemma inv_pos p : 0 < [/p].
Proof. reflexivity. Qed.

Lemma inv_mul p : [/p] * qz (Zpos p) == 1.
Proof. unfold qz, Qeq, Qmult; simpl. lia. Qed.

Definition is_zero (a : Z) : bool := (a =? 0)%Z.

(** ** Dot products *)

Fixpoint dot (a : list Z) (x : list Q) : Q :=
  match a, x with
  | a0 :: a', x0 :: x' => qz a0 * x0 + dot a' x'
  | _, _ => 0
  end.

Fixpoint vadd (a b : list Z) : list Z :=
  match a, b with
  | [], _ => b
  | _, [] => a
  | x :: a', y :: b' => (x + y)%Z :: vadd a' b'
  end.

Definition vscale (k : Z) (a : list Z) : list Z := map (Z.mul k) a.

Lemma dot_nil_r a : dot a [] = 0.
Proof. destruct a; reflexivity. Qed.

Lemma dot_vadd a : forall b x, dot (vadd a b) x == dot a x + dot b x.
Proof.
  induction a as [|a0 a IH]; intros b x; simpl.
  - ring.
  - destruct b as [|b0 b]; simpl.
    + destruct x; ring.
    + destruct x as [|x0 x]; simpl.
      * ring.
      * rewrite IH, qz_add. ring.
Qed.

Lemma dot_vscale k a : forall x, dot (vscale k a) x == qz k * dot a x.
Proof.
  induction a as [|a0 a IH]; intros x; simpl.
  - ring.
  - destruct x as [|x0 x]; simpl.
    + ring.
    + rewrite IH, qz_mul. ring.
Qed.

Lemma dot_zero a : forallb is_zero a = true -> forall x, dot a x == 0.
Proof.
  induction a as [|a0 a IH]; simpl; intros H x; [reflexivity|].
  apply andb_prop in H as [H0 H]. apply Z.eqb_eq in H0. subst a0.
  destruct x as [|x0 x]; [reflexivity|]. rewrite (IH H). unfold qz. ring.
Qed.

Lemma Forall2_length {A B} (R : A -> B -> Prop) a b : Forall2 R a b -> length a = length b.
Proof. intros H. induction H; simpl; congruence. Qed.

Lemma Forall2_impl {A B} (R S : A -> B -> Prop) a b : (forall x y, R x y -> S x y) -> Forall2 R a b -> Forall2 S a b.
Proof. intros I H. induction H; constructor; auto. Qed.

Lemma Forall2_nth_error {A B} (R : A -> B -> Prop) l m : Forall2 R l m ->
  forall i a, nth_error l i = Some a -> exists b, nth_error m i = Some b /\ R a b.
Proof.
  intros H. induction H as [|x y l m XY H IH]; intros [|i] a E; cbn in *; try discriminate.
  - injection E as <-. exists y. auto.
  - apply IH, E.
Qed.

(** ** Vectors equal entry by entry *)

Definition veq : list Q -> list Q -> Prop := Forall2 Qeq.

Lemma veq_refl x : veq x x.
Proof. induction x; constructor; [reflexivity|assumption]. Qed.

Lemma dot_veq a : forall x y, veq x y -> dot a x == dot a y.
Proof.
  induction a as [|a0 a IH]; intros x y H; [reflexivity|].
  destruct H as [|x0 y0 x y H0 H]; [reflexivity|].
  simpl. rewrite H0, (IH _ _ H). reflexivity.
Qed.

(** A row that is not zero within the first [d] entries is not zero at some point. *)
Lemma dot_nonzero a : forall d, forallb is_zero (firstn d a) = false ->
  exists x, length x = d /\ ~ dot a x == 0.
Proof.
  assert (Z0 : forall b n, dot b (repeat 0 n) == 0).
  { induction b as [|b0 b IHb]; intros [|n]; simpl; try reflexivity. rewrite IHb. ring. }
  induction a as [|a0 a IH]; intros d H.
  - rewrite firstn_nil in H. discriminate.
  - destruct d as [|d]; [discriminate|].
    change (forallb is_zero (firstn (S d) (a0 :: a)))
      with (andb (is_zero a0) (forallb is_zero (firstn d a))) in H.
    unfold is_zero at 1 in H. destruct (Z.eqb_spec a0 0) as [E|N].
    + subst a0. destruct (IH d H) as (x & L & X). exists (0 :: x). split; [simpl; lia|].
      cbn [dot]. intros E. apply X. rewrite <- E. ring.
    + exists (1 :: repeat 0 d). split; [simpl; rewrite repeat_length; lia|].
      cbn [dot]. rewrite Z0. intros E.
      assert (E' : qz a0 == 0) by (rewrite <- E; ring).
      apply N. unfold qz, Qeq in E'. simpl in E'. lia.
Qed.
