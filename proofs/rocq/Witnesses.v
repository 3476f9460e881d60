(** A witness that the checker accepts is a point of the domain with the cell's configuration.

    [forward] computes positive multiples of the preactivations at the point; see [forward_ok] and [witnessed_ok]. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Checker Sums.
Import ListNotations.
Open Scope Q_scope.

(** No unit is zero at [x], except those whose row under [D] is zero: what the notion [Full] asks of a point. *)
Definition generic (net : network) (dim : nat) (D : list bool) (x : list Q) : Prop :=
  forall u z, nth_error (fpre net D x) u = Some z ->
    ~ z == 0 \/ (forall x' z', length x' = dim -> nth_error (fpre net D x') u = Some z' -> z' == 0).

Definition has_configuration (k : notion) (net : network) (dim : nat) (D : list bool) (x : list Q) : Prop :=
  length D = units net /\ in_cell k net D x /\ (k = Full -> generic net dim D x).

Lemma nth_some {A} (d : A) l u : (u < length l)%nat -> nth_error l u = Some (nth u l d).
Proof. revert u. induction l; intros [|u] H; cbn in *; try lia; [reflexivity|]. apply IHl. lia. Qed.

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
