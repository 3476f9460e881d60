(** Farkas' lemma over Q with strict rows, in both directions (the transposition theorem of Motzkin).

    A system of rows a.x <= b and a.x < b in n variables either has a rational solution, or nonnegative multiples of the
    rows add up to 0 <= t with t < 0, or to 0 < 0 ([farkas], [farkas_exclusive]).  The proof is Fourier-Motzkin
    elimination.  At the end: soundness of the certificates of the claim "infeasible". *)

From Coq Require Import ZArith QArith List Bool Arith Lia Lqa.
From ExactReLU Require Vectors.
Import ListNotations.
Open Scope Q_scope.

Definition vec := nat -> Q.
Record row := Row { is_strict : bool; coef : vec; rhs : Q }.

Fixpoint dot (n : nat) (a x : vec) : Q :=
  match n with O => 0 | S m => a 0%nat * x 0%nat + dot m (fun i => a (S i)) (fun i => x (S i)) end.

Definition holds (n : nat) (x : vec) (r : row) : Prop :=
  if is_strict r then dot n (coef r) x < rhs r else dot n (coef r) x <= rhs r.

Lemma dot_add n : forall a b x, dot n (fun i => a i + b i) x == dot n a x + dot n b x.
Proof. induction n; intros; cbn [dot]; [ring|]. rewrite IHn. ring. Qed.

Lemma dot_scale n : forall k a x, dot n (fun i => k * a i) x == k * dot n a x.
Proof. induction n; intros; cbn [dot]; [ring|]. rewrite IHn. ring. Qed.

Definition radd (r s : row) : row := Row (is_strict r || is_strict s) (fun i => coef r i + coef s i) (rhs r + rhs s).
Definition rscale (k : Q) (r : row) : row := Row (is_strict r) (fun i => k * coef r i) (k * rhs r).

(** Sums of positive multiples of rows. *)
Inductive combination (rows : list row) : row -> Prop :=
| member r : In r rows -> combination rows r
| added r s : combination rows r -> combination rows s -> combination rows (radd r s)
| scaled k r : 0 < k -> combination rows r -> combination rows (rscale k r).

Definition contradiction_row (n : nat) (r : row) : Prop :=
  (forall x, dot n (coef r) x == 0) /\ (rhs r < 0 \/ (rhs r == 0 /\ is_strict r = true)).

Lemma combination_holds n x rows : (forall r, In r rows -> holds n x r) ->
  forall r, combination rows r -> holds n x r.
Proof.
  intros H r C. induction C as [r I|r s _ IHr _ IHs|k r K _ IH]; [apply H, I| |].
  - unfold holds in *. cbn [radd is_strict coef rhs].
    pose proof (dot_add n (coef r) (coef s) x). destruct (is_strict r), (is_strict s); cbn [orb]; lra.
  - unfold holds in *. cbn [rscale is_strict coef rhs].
    pose proof (dot_scale n k (coef r) x). destruct (is_strict r).
    + pose proof (Qmult_lt_0_compat k (rhs r - dot n (coef r) x) K ltac:(lra)). lra.
    + pose proof (Qmult_le_0_compat k (rhs r - dot n (coef r) x) ltac:(lra) ltac:(lra)). lra.
Qed.

Theorem farkas_exclusive n rows r x : combination rows r -> contradiction_row n r ->
  (forall r, In r rows -> holds n x r) -> False.
Proof.
  intros C [Z T] H. pose proof (combination_holds n x rows H r C) as R. unfold holds in R. specialize (Z x).
  destruct T as [T|[T S]]; [destruct (is_strict r); lra|]. rewrite S in R. lra.
Qed.

(** ** Elimination of the first variable *)

Definition tail (r : row) : row := Row (is_strict r) (fun i => coef r (S i)) (rhs r).

Lemma lift rows : (forall r, In r rows -> coef r 0%nat == 0) ->
  forall r', combination (map tail rows) r' -> exists r, combination rows r /\ tail r = r' /\ coef r 0%nat == 0.
Proof.
  intros Z r' C. induction C as [r' I|r' s' _ (r & C1 & E1 & Z1) _ (s & C2 & E2 & Z2)|k r' K _ (r & C1 & E1 & Z1)].
  - apply in_map_iff in I as (r & E & I). exists r. repeat split; [constructor; exact I|exact E|apply Z, I].
  - exists (radd r s). repeat split; [constructor 2; assumption|subst; reflexivity|cbn; rewrite Z1, Z2; reflexivity].
  - exists (rscale k r). repeat split; [constructor 3; assumption|subst; reflexivity|cbn; rewrite Z1; ring].
Qed.

Lemma combination_trans rows more : (forall r, In r more -> combination rows r) ->
  forall r, combination more r -> combination rows r.
Proof. intros H r C. induction C; [apply H; assumption|constructor 2; assumption|constructor 3; assumption]. Qed.

Definition first (r : row) : Q := coef r 0%nat.
Definition positive (a : Q) : bool := if Qlt_le_dec 0 a then true else false.

Definition uppers (rows : list row) := filter (fun r => positive (first r)) rows.
Definition lowers (rows : list row) := filter (fun r => positive (- first r)) rows.
Definition others (rows : list row) := filter (fun r => negb (positive (first r)) && negb (positive (- first r))) rows.

Definition pair_row (u l : row) : row := radd (rscale (- first l) u) (rscale (first u) l).

Definition eliminate (rows : list row) : list row :=
  others rows ++ flat_map (fun u => map (pair_row u) (lowers rows)) (uppers rows).

Lemma positive_true a : positive a = true <-> 0 < a.
Proof. unfold positive. destruct (Qlt_le_dec 0 a); split; intros; try assumption; try reflexivity; [discriminate|lra]. Qed.

Lemma positive_false a : positive a = false <-> a <= 0.
Proof. unfold positive. destruct (Qlt_le_dec 0 a); split; intros; try assumption; try reflexivity; [discriminate|lra]. Qed.

Lemma in_uppers r rows : In r (uppers rows) <-> In r rows /\ 0 < first r.
Proof. unfold uppers. rewrite filter_In, positive_true. reflexivity. Qed.

Lemma in_lowers r rows : In r (lowers rows) <-> In r rows /\ first r < 0.
Proof. unfold lowers. rewrite filter_In, positive_true. split; intros [A B]; split; try assumption; lra. Qed.

Lemma in_others r rows : In r (others rows) <-> In r rows /\ first r == 0.
Proof.
  unfold others. rewrite filter_In, andb_true_iff, !negb_true_iff, !positive_false.
  split; intros [A B]; split; try assumption; lra.
Qed.

Lemma eliminate_ok rows r : In r (eliminate rows) -> combination rows r /\ coef r 0%nat == 0.
Proof.
  intros I. apply in_app_or in I as [I|I].
  - apply in_others in I as [I Z]. split; [constructor; exact I|exact Z].
  - apply in_flat_map in I as (u & U & I). apply in_map_iff in I as (l & <- & L).
    apply in_uppers in U as [U PU]. apply in_lowers in L as [L PL]. split.
    + constructor 2; constructor 3; try (constructor; assumption); lra.
    + cbn. unfold first in *. ring.
Qed.

(** The bound that a row puts on the first variable when the others are fixed. *)
Definition limit (n : nat) (x : vec) (r : row) : Q := (rhs r - dot n (coef (tail r)) x) / first r.

(** [tighter]: whatever satisfies the first bound satisfies the second. *)
Definition below (s : bool) (a b : Q) : Prop := if s then a < b else a <= b.

Lemma tightest (less : bool) (value : row -> Q) rows : rows <> [] ->
  exists r, In r rows /\ forall r', In r' rows -> forall t,
    (if less then below (is_strict r) t (value r) else below (is_strict r) (value r) t) ->
    (if less then below (is_strict r') t (value r') else below (is_strict r') (value r') t).
Proof.
  induction rows as [|a rows IH]; [congruence|]. intros _. destruct rows as [|b rows].
  - exists a. split; [left; reflexivity|]. intros r' [<-|[]] t H. exact H.
  - destruct IH as (r & I & H); [discriminate|].
    assert (D : (forall t, (if less then below (is_strict a) t (value a) else below (is_strict a) (value a) t) ->
                           (if less then below (is_strict r) t (value r) else below (is_strict r) (value r) t)) \/
                (forall t, (if less then below (is_strict r) t (value r) else below (is_strict r) (value r) t) ->
                           (if less then below (is_strict a) t (value a) else below (is_strict a) (value a) t))).
    { destruct (Q_dec (value a) (value r)) as [[L|G]|E].
      - destruct less; [left|right]; intros t; unfold below; destruct (is_strict a), (is_strict r); lra.
      - destruct less; [right|left]; intros t; unfold below; destruct (is_strict a), (is_strict r); lra.
      - destruct (is_strict a) eqn:Sa; [left|right]; intros t; unfold below; destruct less, (is_strict r); lra. }
    destruct D as [D|D].
    + exists a. split; [left; reflexivity|]. intros r' [<-|I'] t T; [exact T|]. apply (H r' I' t), D, T.
    + exists r. split; [right; exact I|]. intros r' [<-|I'] t T; [apply D, T|apply (H r' I' t T)].
Qed.

Definition cons (t : Q) (x : vec) : vec := fun i => match i with O => t | S j => x j end.

Lemma upper_holds n x t r : 0 < first r -> below (is_strict r) t (limit n x r) -> holds (S n) (cons t x) r.
Proof.
  intros P B. unfold holds, limit, below in *. cbn [dot cons]. fold (first r). cbn [tail coef] in B.
  change (fun i => x i) with x. set (d := dot n _ x) in *.
  assert (E : first r * ((rhs r - d) / first r) == rhs r - d) by (field; lra).
  set (q := (rhs r - d) / first r) in *. destruct (is_strict r).
  - pose proof (Qmult_lt_0_compat (first r) (q - t) P ltac:(lra)). lra.
  - pose proof (Qmult_le_0_compat (first r) (q - t) ltac:(lra) ltac:(lra)). lra.
Qed.

Lemma lower_holds n x t r : first r < 0 -> below (is_strict r) (limit n x r) t -> holds (S n) (cons t x) r.
Proof.
  intros P B. unfold holds, limit, below in *. cbn [dot cons]. fold (first r). cbn [tail coef] in B.
  change (fun i => x i) with x. set (d := dot n _ x) in *.
  assert (E : first r * ((rhs r - d) / first r) == rhs r - d) by (field; lra).
  set (q := (rhs r - d) / first r) in *. destruct (is_strict r).
  - pose proof (Qmult_lt_0_compat (- first r) (t - q) ltac:(lra) ltac:(lra)). lra.
  - pose proof (Qmult_le_0_compat (- first r) (t - q) ltac:(lra) ltac:(lra)). lra.
Qed.

Lemma pair_holds n x u l : 0 < first u -> first l < 0 -> holds n x (tail (pair_row u l)) ->
  below (is_strict u || is_strict l) (limit n x l) (limit n x u).
Proof.
  intros PU PL H. unfold holds, pair_row in H. cbn [tail radd rscale is_strict coef rhs] in H.
  pose proof (dot_add n (fun i => - first l * coef u (S i)) (fun i => first u * coef l (S i)) x) as DA.
  rewrite !(dot_scale n _ (fun i => coef _ (S i))) in DA. unfold limit, below. cbn [tail coef].
  set (du := dot n (fun i => coef u (S i)) x) in *. set (dl := dot n (fun i => coef l (S i)) x) in *.
  assert (EU : first u * ((rhs u - du) / first u) == rhs u - du) by (field; lra).
  assert (EL : first l * ((rhs l - dl) / first l) == rhs l - dl) by (field; lra).
  set (qu := (rhs u - du) / first u) in *. set (ql := (rhs l - dl) / first l) in *.
  assert (P : 0 < - first l * first u) by (apply Qmult_lt_0_compat; lra).
  assert (K : - first l * first u * (qu - ql) ==
              (- first l * rhs u + first u * rhs l) - (- first l * du + first u * dl)).
  { transitivity (- first l * (first u * qu) + first u * (first l * ql)); [ring|]. rewrite EU, EL. ring. }
  destruct (is_strict u || is_strict l)%bool.
  - destruct (Qlt_le_dec ql qu) as [|N]; [assumption|].
    pose proof (Qmult_le_0_compat _ (ql - qu) (Qlt_le_weak _ _ P) ltac:(lra)). lra.
  - destruct (Qlt_le_dec qu ql) as [N|]; [|assumption].
    pose proof (Qmult_lt_0_compat _ (ql - qu) P ltac:(lra)). lra.
Qed.

Lemma extend n x rows : (forall r, In r (eliminate rows) -> holds n x (tail r)) ->
  exists t, forall r, In r rows -> holds (S n) (cons t x) r.
Proof.
  intros H.
  assert (T : exists t, (forall r, In r (uppers rows) -> below (is_strict r) t (limit n x r)) /\
                        (forall r, In r (lowers rows) -> below (is_strict r) (limit n x r) t)).
  { assert (P : forall u l, In u (uppers rows) -> In l (lowers rows) ->
              below (is_strict u || is_strict l) (limit n x l) (limit n x u)).
    { intros u l U L. pose proof (H (pair_row u l)) as X. apply in_uppers in U as U'. apply in_lowers in L as L'.
      apply pair_holds; [apply U'|apply L'|]. apply X. apply in_or_app. right. apply in_flat_map. exists u.
      split; [exact U|]. apply in_map. exact L. }
    destruct (uppers rows) as [|u0 us] eqn:EU; destruct (lowers rows) as [|l0 ls] eqn:EL.
    - exists 0. split; intros r [].
    - destruct (tightest false (limit n x) (l0 :: ls) ltac:(discriminate)) as (l & Il & Tl).
      exists (limit n x l + 1). split; [intros r []|]. intros r I. apply (Tl r I). unfold below. destruct (is_strict l); lra.
    - destruct (tightest true (limit n x) (u0 :: us) ltac:(discriminate)) as (u & Iu & Tu).
      exists (limit n x u - 1). split; [|intros r []]. intros r I. apply (Tu r I). unfold below. destruct (is_strict u); lra.
    - destruct (tightest false (limit n x) (l0 :: ls) ltac:(discriminate)) as (l & Il & Tl).
      destruct (tightest true (limit n x) (u0 :: us) ltac:(discriminate)) as (u & Iu & Tu).
      specialize (P u l Iu Il).
      assert (E : limit n x l + limit n x u == 2 * ((limit n x l + limit n x u) / 2)) by (field).
      exists ((limit n x l + limit n x u) / 2). set (t := (limit n x l + limit n x u) / 2) in *.
      split; intros r I; [apply (Tu r I)|apply (Tl r I)]; unfold below in *; destruct (is_strict u), (is_strict l); cbn in P; lra. }
  destruct T as (t & TU & TL). exists t. intros r I.
  destruct (Q_dec (first r) 0) as [[L|G]|E].
  - apply lower_holds; [exact L|]. apply TL, in_lowers. auto.
  - apply upper_holds; [exact G|]. apply TU, in_uppers. auto.
  - assert (X : holds n x (tail r)) by (apply H, in_or_app; left; apply in_others; auto).
    unfold holds in *. cbn [dot cons]. fold (first r). change (fun i => x i) with x. cbn [tail is_strict coef rhs] in X.
    destruct (is_strict r); rewrite E; lra.
Qed.

(** *** Farkas' lemma with strict rows. *)
Theorem farkas n : forall rows,
  (exists x, forall r, In r rows -> holds n x r) \/ (exists r, combination rows r /\ contradiction_row n r).
Proof.
  induction n as [|n IH]; intros rows.
  - induction rows as [|r rows IHr]; [left; exists (fun _ => 0); intros r []|].
    destruct IHr as [(x & H)|(r' & C & Z)].
    + assert (D : holds 0 x r \/ contradiction_row 0 r).
      { unfold holds, contradiction_row. cbn [dot]. destruct (is_strict r) eqn:S.
        - destruct (Q_dec 0 (rhs r)) as [[L|G]|E]; [left; exact L|right|right]; (split; [reflexivity|]);
            [left; exact G|right; split; [symmetry; exact E|reflexivity]].
        - destruct (Qlt_le_dec (rhs r) 0) as [L|G]; [right; split; [reflexivity|left; exact L]|left; exact G]. }
      destruct D as [D|D]; [left; exists x; intros s [<-|I]; auto|].
      right. exists r. split; [constructor; left; reflexivity|exact D].
    + right. exists r'. split; [|exact Z]. apply (combination_trans _ rows); [|exact C].
      intros s I. constructor. right. exact I.
  - destruct (IH (map tail (eliminate rows))) as [(x & H)|(r' & C & Z & T)].
    + left. destruct (extend n x rows) as [t E].
      { intros r I. apply H, in_map, I. }
      exists (cons t x). exact E.
    + right. destruct (lift (eliminate rows)) with (r' := r') as (r & Cr & Er & Zr).
      { intros r I. apply (eliminate_ok rows r I). }
      { exact C. }
      subst r'. exists r. split; [|split].
      * apply (combination_trans _ (eliminate rows)); [|exact Cr]. intros s I. apply (eliminate_ok rows s I).
      * intros x. cbn [dot]. rewrite Zr. cbn [tail coef] in Z. rewrite (Z (fun i => x (S i))). ring.
      * exact T.
Qed.

(** A combination is given by one nonnegative multiplier for each row. *)
Fixpoint total (l : list Q) (rows : list row) (value : row -> Q) : Q :=
  match l, rows with k :: l', r :: rows' => k * value r + total l' rows' value | _, _ => 0 end.

Definition multipliers (rows : list row) (l : list Q) (r : row) : Prop :=
  length l = length rows /\ Forall (Qle 0) l /\ (forall i, total l rows (fun s => coef s i) == coef r i) /\
  total l rows rhs == rhs r /\
  (is_strict r = true -> exists j k s, nth_error l j = Some k /\ nth_error rows j = Some s /\ 0 < k /\ is_strict s = true).

Fixpoint ladd (a b : list Q) : list Q := match a, b with x :: a', y :: b' => x + y :: ladd a' b' | _, _ => [] end.

Lemma total_ladd v rows : forall a b, length a = length rows -> length b = length rows ->
  total (ladd a b) rows v == total a rows v + total b rows v.
Proof.
  induction rows as [|r rows IH]; intros [|x a] [|y b] A B; cbn in *; try discriminate; [ring|].
  rewrite IH by lia. ring.
Qed.

Lemma total_scale v k rows : forall a, total (map (Qmult k) a) rows v == k * total a rows v.
Proof. induction rows as [|r rows IH]; intros [|x a]; cbn; try ring. rewrite IH. ring. Qed.

Lemma ladd_length a : forall b, length a = length b -> length (ladd a b) = length a.
Proof. induction a as [|x a IH]; intros [|y b] E; cbn in *; try discriminate; [reflexivity|]. f_equal. apply IH. lia. Qed.

Lemma ladd_nth a : forall b j x, Forall (Qle 0) b -> length a = length b -> nth_error a j = Some x -> 0 < x ->
  (exists y, nth_error (ladd a b) j = Some y /\ 0 < y) /\ (exists y, nth_error (ladd b a) j = Some y /\ 0 < y).
Proof.
  induction a as [|x0 a IH]; intros [|y0 b] j x F E N P; destruct j as [|j]; cbn in *; try discriminate;
    inversion F; subst.
  - injection N as ->. split; eexists; (split; [reflexivity|lra]).
  - apply (IH b j x); auto.
Qed.

Lemma ladd_nonneg a : forall b, Forall (Qle 0) a -> Forall (Qle 0) b -> Forall (Qle 0) (ladd a b).
Proof.
  induction a as [|x a IH]; intros [|y b] A B; cbn; constructor; inversion A; inversion B; subst; [lra|auto].
Qed.

Theorem combination_multipliers rows r : combination rows r -> exists l, multipliers rows l r.
Proof.
  intros C. induction C as [r I|r s _ (a & La & Fa & Ca & Ra & Sa) _ (b & Lb & Fb & Cb & Rb & Sb)|k r K _ (a & La & Fa & Ca & Ra & Sa)].
  - induction rows as [|r0 rows IH]; [destruct I|].
    assert (Z : forall v, total (repeat 0 (length rows)) rows v == 0).
    { intros v. clear. induction rows as [|r rows IH]; cbn; [reflexivity|]. rewrite IH. ring. }
    destruct I as [->|I].
    + exists (1 :: repeat 0 (length rows)). split; [cbn; rewrite repeat_length; reflexivity|].
      split; [constructor; [lra|]; apply Forall_forall; intros q Q; apply repeat_spec in Q; subst; lra|].
      cbn [total]. split; [intros i; rewrite Z; ring|]. split; [rewrite Z; ring|].
      intros S. exists 0%nat, 1, r. split; [reflexivity|]. split; [reflexivity|]. split; [lra|exact S].
    + destruct (IH I) as (l & L & F & Cc & R & S). exists (0 :: l). split; [cbn; lia|]. split; [constructor; [lra|exact F]|].
      cbn [total]. split; [intros i; rewrite Cc; ring|]. split; [rewrite R; ring|].
      intros X. destruct (S X) as (j & k & s & A & B & P & T). exists (Datatypes.S j), k, s. auto.
  - exists (ladd a b). split; [rewrite ladd_length; congruence|]. split; [apply ladd_nonneg; assumption|].
    split; [intros i; rewrite total_ladd, Ca, Cb by assumption; reflexivity|].
    split; [rewrite total_ladd, Ra, Rb by assumption; reflexivity|].
    intros X. cbn in X. apply orb_prop in X as [X|X].
    + destruct (Sa X) as (j & k & t & A & B & P & T).
      destruct (ladd_nth a b j k Fb ltac:(congruence) A P) as [(y & Y & Q) _]. exists j, y, t. auto.
    + destruct (Sb X) as (j & k & t & A & B & P & T).
      destruct (ladd_nth b a j k Fa ltac:(congruence) A P) as [_ (y & Y & Q)]. exists j, y, t. auto.
  - exists (map (Qmult k) a). split; [rewrite map_length; exact La|]. split.
    { apply Forall_forall. intros q Q. apply in_map_iff in Q as (c & <- & I). rewrite Forall_forall in Fa.
      apply Qmult_le_0_compat; [lra|apply Fa, I]. }
    cbn [coef rhs rscale is_strict].
    split; [intros i; rewrite total_scale, Ca; reflexivity|]. split; [rewrite total_scale, Ra; reflexivity|].
    intros X. destruct (Sa X) as (j & q & s & A & B & P & T). exists j, (k * q), s. split; [rewrite nth_error_map, A; reflexivity|]. split; [exact B|].
    split; [apply Qmult_lt_0_compat; assumption|exact T].
Qed.

(** *** Farkas' lemma with one multiplier for each row. *)
Theorem farkas_multipliers n rows :
  (exists x, forall r, In r rows -> holds n x r) \/ (exists l r, multipliers rows l r /\ contradiction_row n r).
Proof.
  destruct (farkas n rows) as [S|(r & C & Z)]; [left; exact S|right].
  destruct (combination_multipliers rows r C) as [l L]. exists l, r. auto.
Qed.

(** ** The claim "infeasible": rows a_1, ..., a_d, b with a relation, and one multiplier for each *)

Import Vectors.

Inductive relation := Le | Lt | Eq.

Definition meets (x : list Q) (r : relation * (list Z * Z)) : Prop :=
  let '(R, (a, b)) := r in
  match R with Le => Vectors.dot a x <= qz b | Lt => Vectors.dot a x < qz b | Eq => Vectors.dot a x == qz b end.

Fixpoint system_sum (ys : list Z) (rows : list (relation * (list Z * Z))) : list Z * Z :=
  match ys, rows with
  | y :: ys', (_, (a, b)) :: rows' => let (v, t) := system_sum ys' rows' in (vadd (vscale y a) v, y * b + t)%Z
  | _, _ => ([], 0%Z)
  end.

Fixpoint signs_right (ys : list Z) (rows : list (relation * (list Z * Z))) : bool :=
  match ys, rows with
  | y :: ys', (R, _) :: rows' => (match R with Eq => true | _ => (0 <=? y)%Z end) && signs_right ys' rows'
  | _, _ => true
  end.

Fixpoint strict_used (ys : list Z) (rows : list (relation * (list Z * Z))) : bool :=
  match ys, rows with
  | y :: ys', (R, _) :: rows' => (match R with Lt => (0 <? y)%Z | _ => false end) || strict_used ys' rows'
  | _, _ => false
  end.

Definition check_infeasible (rows : list (relation * (list Z * Z))) (ys : list Z) : bool :=
  signs_right ys rows &&
  let (v, t) := system_sum ys rows in
  forallb is_zero v && ((t <? 0)%Z || ((t =? 0)%Z && strict_used ys rows)).

Lemma system_sum_ok x rows : forall ys, Forall (meets x) rows -> signs_right ys rows = true ->
  let (v, t) := system_sum ys rows in
  Vectors.dot v x <= qz t /\ (strict_used ys rows = true -> Vectors.dot v x < qz t).
Proof.
  induction rows as [|[R [a b]] rows IH]; intros ys F S.
  - destruct ys; (split; [apply Qle_refl|discriminate]).
  - destruct ys as [|y ys]; [split; [apply Qle_refl|discriminate]|]. inversion F as [|? ? M F']; subst.
    cbn [signs_right] in S. apply andb_prop in S as [Y S]. specialize (IH ys F' S).
    cbn [system_sum strict_used]. destruct (system_sum ys rows) as [v t]. destruct IH as [IH1 IH2].
    rewrite dot_vadd, dot_vscale, qz_add, qz_mul. unfold meets in M. destruct R.
    + apply Z.leb_le, qz_le in Y. change (qz 0) with 0 in Y.
      pose proof (Qmult_le_0_compat (qz y) (qz b - Vectors.dot a x) Y ltac:(lra)).
      split; [lra|]. intros U. specialize (IH2 U). lra.
    + apply Z.leb_le, qz_le in Y. change (qz 0) with 0 in Y.
      pose proof (Qmult_le_0_compat (qz y) (qz b - Vectors.dot a x) Y ltac:(lra)).
      split; [lra|]. intros U. apply orb_prop in U as [U|U]; [|specialize (IH2 U); lra].
      apply Z.ltb_lt, qz_lt in U. change (qz 0) with 0 in U.
      pose proof (Qmult_lt_0_compat (qz y) (qz b - Vectors.dot a x) U ltac:(lra)). lra.
    + rewrite M. split; [lra|]. intros U. specialize (IH2 U). lra.
Qed.

Theorem check_infeasible_sound rows ys : check_infeasible rows ys = true -> forall x, ~ Forall (meets x) rows.
Proof.
  unfold check_infeasible. intros C x F. apply andb_prop in C as [S C].
  pose proof (system_sum_ok x rows ys F S) as H. destruct (system_sum ys rows) as [v t]. destruct H as [H1 H2].
  apply andb_prop in C as [Z C]. rewrite (dot_zero _ Z) in H1, H2.
  apply orb_prop in C as [C|C].
  - apply Z.ltb_lt, qz_lt in C. change (qz 0) with 0 in C. lra.
  - apply andb_prop in C as [C U]. apply Z.eqb_eq in C. subst t. specialize (H2 U). change (qz 0) with 0 in H2. lra.
Qed.
