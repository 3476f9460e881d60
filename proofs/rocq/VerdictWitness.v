(** The claim "sat": if [check_sat] returns true, the point is an input that makes the formula true.

    It follows docs/verdict-format.md, claim "sat", for linear comparisons: nothing but evaluation.  The values behind
    each layer are brought to lowest terms so that the numbers stay short. *)

From Coq Require Import ZArith QArith Qreduction List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Partition Verdict VerdictSoundness.
Import ListNotations.
Open Scope Q_scope.

(** ** The checker *)

Definition compares_b (r : comparison) (t : Q) : bool :=
  match r with IsLe => (Qnum t <=? 0)%Z | IsLt => (Qnum t <? 0)%Z | IsEq => (Qnum t =? 0)%Z end.

Fixpoint holds_b (g : formula) (v : list Q) : bool :=
  match g with
  | And parts => fold_right (fun part rest => holds_b part v && rest) true parts
  | Or parts => fold_right (fun part rest => holds_b part v || rest) false parts
  | Compare l => compares_b (rel l) (literal_value l v)
  end.

Fixpoint reduced_outputs (net : network) (h : list Q) : list Q :=
  match net with [] => h | L :: rest => reduced_outputs rest (map Qred (output L h)) end.

Definition check_sat (net : network) (q : positive) (last : list neuron) (dim : nat) (g : formula) (x : list Q)
  : bool :=
  Nat.eqb (length x) dim && holds_b g (x ++ map Qred (map (pre q (reduced_outputs net x)) last)).

(** ** Its proof *)

Lemma compares_b_ok r t : compares_b r t = true -> compares r t.
Proof.
  destruct t as [a p], r; unfold compares_b, compares, Qle, Qlt, Qeq; cbn; intros H.
  - apply Z.leb_le in H. lia.
  - apply Z.ltb_lt in H. lia.
  - apply Z.eqb_eq in H. lia.
Qed.

Fixpoint holds_b_ok (g : formula) v : holds_b g v = true -> holds g v.
Proof.
  destruct g as [parts|parts|l]; cbn [holds_b holds].
  - induction parts as [|part parts IH]; cbn [fold_right]; [trivial|]. intros H. apply andb_prop in H as [H H'].
    split; [exact (holds_b_ok part v H)|exact (IH H')].
  - induction parts as [|part parts IH]; cbn [fold_right]; [discriminate|]. intros H. apply orb_prop in H as [H|H].
    + left. exact (holds_b_ok part v H).
    + right. exact (IH H).
  - apply compares_b_ok.
Qed.

Lemma literal_value_veq l v w : veq v w -> literal_value l v == literal_value l w.
Proof. intros E. unfold literal_value. rewrite (dot_veq _ _ _ E). reflexivity. Qed.

Fixpoint holds_veq (g : formula) v w (E : veq v w) : holds g v -> holds g w.
Proof.
  destruct g as [parts|parts|l]; cbn [holds].
  - induction parts as [|part parts IH]; cbn [fold_right]; [trivial|]. intros [H H'].
    split; [exact (holds_veq part v w E H)|exact (IH H')].
  - induction parts as [|part parts IH]; cbn [fold_right]; [trivial|]. intros [H|H].
    + left. exact (holds_veq part v w E H).
    + right. exact (IH H).
  - apply compares_eq, literal_value_veq, E.
Qed.

Lemma reduced v : veq (map Qred v) v.
Proof. induction v as [|a v IH]; cbn; constructor; [apply Qred_correct|exact IH]. Qed.

Lemma reduced_outputs_ok net : forall h, veq (reduced_outputs net h) (outputs net h).
Proof.
  induction net as [|L net IH]; intros h; cbn [reduced_outputs outputs]; [apply veq_refl|].
  eapply veq_trans; [apply IH|]. apply outputs_veq, reduced.
Qed.

(** If the check returns true, the point is an input of the network that makes the formula true. *)
Theorem check_sat_sound net q last dim g x : check_sat net q last dim g x = true ->
  length x = dim /\ holds g (x ++ value net q last x).
Proof.
  unfold check_sat. intros C. apply andb_prop in C as [L H]. split; [apply Nat.eqb_eq, L|].
  apply holds_b_ok in H. eapply holds_veq; [|exact H]. apply Forall2_app; [apply veq_refl|].
  eapply veq_trans; [apply reduced|]. unfold value. pose proof (reduced_outputs_ok net x) as V.
  clear H. induction last as [|n last IH]; cbn [map]; constructor; [|exact IH].
  transitivity (pre q (reduced_outputs net x) n); [reflexivity|apply pre_veq, V].
Qed.
