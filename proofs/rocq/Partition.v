(** Proposition 3: the network is affine on every cell, and the cells of more layers refine those of fewer.

    That the half-open cells of all configurations are a partition of the input space is [config_in_cell] and
    [cell_unique] in Network.v; here they are put together ([partition]), with the refinement and the affine maps. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network.
Import ListNotations.
Open Scope Q_scope.

(** Every input is in the cell of exactly one configuration. *)
Theorem partition net x : exists! D, length D = units net /\ in_cell HalfOpen net D x.
Proof.
  exists (config net x). split; [split; [apply config_length|apply config_in_cell]|].
  intros D [L H]. symmetry. apply cell_unique; assumption.
Qed.

Corollary cells_disjoint net D D' x : length D = units net -> length D' = units net ->
  in_cell HalfOpen net D x -> in_cell HalfOpen net D' x -> D = D'.
Proof. intros L L' H H'. rewrite (cell_unique _ _ _ L H), (cell_unique _ _ _ L' H'). reflexivity. Qed.

(** ** The values behind the hidden layers, true and forced *)

Fixpoint outputs (net : network) (h : list Q) : list Q :=
  match net with [] => h | L :: rest => outputs rest (output L h) end.

Fixpoint forced_outputs (net : network) (D : list bool) (h : list Q) : list Q :=
  match net with
  | [] => h
  | L :: rest =>
      forced_outputs rest (skipn (units_of (neurons L)) D) (fout (den L) (slope_den L) h (neurons L) D)
  end.

Lemma outputs_veq net : forall h h', veq h h' -> veq (outputs net h) (outputs net h').
Proof.
  induction net as [|L net IH]; intros h h' H; [exact H|]. cbn [outputs]. apply IH. unfold output.
  induction (neurons L) as [|n ns IHn]; cbn [map]; constructor; [|exact IHn].
  unfold post. rewrite (positive_b_eq _ _ (pre_veq (den L) n _ _ H)), (pre_veq (den L) n _ _ H). reflexivity.
Qed.

Lemma forced_outputs_veq net : forall D h h', veq h h' -> veq (forced_outputs net D h) (forced_outputs net D h').
Proof.
  induction net as [|L net IH]; intros D h h' H; [exact H|]. cbn [forced_outputs]. apply IH, fout_veq, H.
Qed.

Lemma veq_trans x : forall y z, veq x y -> veq y z -> veq x z.
Proof.
  induction x as [|a x IH]; intros y z H G; inversion H; subst; inversion G; subst; constructor.
  - etransitivity; eassumption.
  - eapply IH; eassumption.
Qed.

(** On a cell, of whichever notion, the affine recursion gives the network's values. *)
Theorem affine_recursion k net : forall D x, length D = units net -> in_cell k net D x ->
  veq (forced_outputs net D x) (outputs net x).
Proof.
  unfold in_cell. induction net as [|L net IH]; intros D x Len H; [apply veq_refl|].
  cbn [units fpre forced_outputs outputs] in *. apply Forall2_split in H as [H1 H2]. rewrite fzs_length in H1, H2.
  replace (Nat.min _ _) with (units_of (neurons L)) in H1, H2 by lia.
  assert (V : veq (fout (den L) (slope_den L) x (neurons L) D) (output L x)).
  { apply fout_true; [|lia]. eapply Forall2_impl; [|exact H1]. intros a b. apply sign_weakly. }
  eapply veq_trans; [apply forced_outputs_veq, V|]. apply IH; [rewrite skipn_length; lia|].
  eapply Forall2_sign_veq; [apply fpre_veq, V|exact H2].
Qed.

(** The values of the last, affine layer (rows with bias, over [q]). *)
Definition value (net : network) (q : positive) (last : list neuron) (x : list Q) : list Q :=
  map (pre q (outputs net x)) last.
Definition forced_value (net : network) (q : positive) (last : list neuron) (D : list bool) (x : list Q) : list Q :=
  map (pre q (forced_outputs net D x)) last.

Corollary value_on_cell k net q last D x : length D = units net -> in_cell k net D x ->
  veq (forced_value net q last D x) (value net q last x).
Proof.
  intros L H. unfold forced_value, value. pose proof (affine_recursion k net D x L H) as V.
  induction last as [|n last IH]; cbn [map]; constructor; [apply pre_veq, V|exact IH].
Qed.

(** ** Refinement *)

Lemma config_app a : forall b x, config (a ++ b) x = config a x ++ config b (outputs a x).
Proof.
  induction a as [|L a IH]; intros b x; [reflexivity|]. cbn [app config outputs]. rewrite IH, app_assoc. reflexivity.
Qed.

Lemma units_app a b : units (a ++ b) = (units a + units b)%nat.
Proof. induction a as [|L a IH]; cbn [app units]; [reflexivity|]. rewrite IH. lia. Qed.

Lemma app_inj_length {A} (a : list A) : forall a' b b', length a = length a' -> a ++ b = a' ++ b' -> a = a' /\ b = b'.
Proof.
  induction a as [|x a IH]; intros [|y a'] b b' L E; cbn in *; try discriminate; [auto|].
  injection E as -> E. destruct (IH a' b b') as [-> ->]; auto.
Qed.

(** The cell of [D] for the layers [a] is the union of the cells of its extensions for the layers [a ++ b]; by
    [cells_disjoint] the union is disjoint. *)
Theorem refinement a b D x : length D = units a ->
  (in_cell HalfOpen a D x <-> exists E, length E = units b /\ in_cell HalfOpen (a ++ b) (D ++ E) x).
Proof.
  intros L. split.
  - intros H. apply cell_unique in H; [|exact L]. subst D. exists (config b (outputs a x)).
    split; [apply config_length|]. rewrite <- config_app. apply config_in_cell.
  - intros (E & LE & H). apply cell_unique in H; [|rewrite app_length, units_app; lia].
    rewrite config_app in H. apply app_inj_length in H as [-> _]; [apply config_in_cell|].
    rewrite config_length. exact L.
Qed.
