(** The checker of verdicts is sound: if [check_unsat] returns true, no rational input makes the formula true.

    [assumed] is what is assumed of an input at a node.  [children_ok]: an input of a node is an input of one of its
    children, so that a node without children has none.  [check_unsat_sound] is the theorem. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Partition Checker Sums Verdict VerdictBounds.
Import ListNotations.
Open Scope Q_scope.

(** ** What a formula says of the inputs and outputs [v] *)

Definition compares (r : comparison) (t : Q) : Prop :=
  match r with IsLe => t <= 0 | IsLt => t < 0 | IsEq => t == 0 end.

Definition literal_value (l : literal) (v : list Q) : Q := (dot (row l) v + qz (const l)) * [/lden l].
Definition literal_holds (l : literal) (v : list Q) : Prop := compares (rel l) (literal_value l v).

Fixpoint holds (g : formula) (v : list Q) : Prop :=
  match g with
  | And parts => fold_right (fun part rest => holds part v /\ rest) True parts
  | Or parts => fold_right (fun part rest => holds part v \/ rest) False parts
  | Compare l => literal_holds l v
  end.

Lemma compares_scaled r t p : compares r (t * [/p]) -> compares r t.
Proof.
  pose proof (inv_pos p) as P. assert (E : t == qz (Zpos p) * (t * [/p])).
  { transitivity (t * ([/p] * qz (Zpos p))); [rewrite inv_mul|]; ring. }
  pose proof (qz_pos p). set (u := t * [/p]) in *. destruct r; cbn; intros C; rewrite E.
  - assert (0 <= qz (Zpos p) * - u) by (apply Qmult_le_0_compat; lra). lra.
  - assert (0 < qz (Zpos p) * - u) by (apply Qmult_lt_0_compat; lra). lra.
  - rewrite C. ring.
Qed.

Lemma compares_nonpos r t : compares r t -> t <= 0.
Proof. destruct r; cbn; intros; lra. Qed.

Lemma holds_and parts v : holds (And parts) v <-> Forall (fun part => holds part v) parts.
Proof.
  cbn [holds]. induction parts as [|part parts IH]; cbn [fold_right]; [split; constructor|]. rewrite IH.
  split; [intros []; constructor; assumption|intros F; inversion F; auto].
Qed.

Lemma holds_or parts v : holds (Or parts) v <-> Exists (fun part => holds part v) parts.
Proof.
  cbn [holds]. induction parts as [|part parts IH]; cbn [fold_right]; [split; [intros []|intros E; inversion E]|].
  rewrite IH. split; [intros []; [left|right]; assumption|intros E; inversion E; auto].
Qed.

(** ** Nodes *)

Section Soundness.
Variables (f : positive) (net : network) (q : positive) (last : list neuron) (x : list Q).

Let v : list Q := x ++ value net q last x.

Definition assumed (d : node) : Prop :=
  in_box (box d) x /\ Forall (fun l => literal_holds l v) (literals d) /\
  Forall (fun parts => holds (Or parts) v) (pending d) /\ valid f net (states d) x.

(** *** Assuming a formula *)

Lemma cut_side_ok r a c side t : in_interval side t -> a <> 0%Z -> compares r (qz a * t + qz c) ->
  in_interval (cut_side r a c side) t.
Proof.
  intros S N C. destruct a as [|p|p]; [congruence| |]; cbn [cut_side].
  - assert (E : qz (Zpos p) * t + qz c == qz (Zpos p) * (t - (- c # p))).
    { assert (- c # p == - (qz c * [/p])) as ->. { unfold Qeq, qz; cbn; lia. }
      transitivity (qz (Zpos p) * t + qz c * ([/p] * qz (Zpos p))); [rewrite inv_mul|]; ring. }
    assert (G : t <= - c # p).
    { apply compares_nonpos in C. rewrite E in C. pose proof (qz_pos p).
      apply Qnot_lt_le. intros L. pose proof (Qmult_lt_0_compat _ (t - (- c # p)) H ltac:(lra)). lra. }
    destruct r; try (apply below_ok; assumption). apply above_ok; [apply below_ok; assumption|].
    cbn in C. rewrite E in C. pose proof (qz_pos p).
    apply Qnot_lt_le. intros L. pose proof (Qmult_lt_0_compat _ ((- c # p) - t) H ltac:(lra)). lra.
  - assert (E : qz (Zneg p) * t + qz c == qz (Zpos p) * ((c # p) - t)).
    { assert (c # p == qz c * [/p]) as ->. { unfold Qeq, qz; cbn; lia. }
      change (Zneg p) with (- Zpos p)%Z. rewrite qz_opp.
      transitivity (- qz (Zpos p) * t + qz c * ([/p] * qz (Zpos p))); [rewrite inv_mul|]; ring. }
    assert (G : c # p <= t).
    { apply compares_nonpos in C. rewrite E in C. pose proof (qz_pos p).
      apply Qnot_lt_le. intros L. pose proof (Qmult_lt_0_compat _ ((c # p) - t) H ltac:(lra)). lra. }
    destruct r; try (apply above_ok; assumption). apply below_ok; [apply above_ok; assumption|].
    cbn in C. rewrite E in C. pose proof (qz_pos p).
    apply Qnot_lt_le. intros L. pose proof (Qmult_lt_0_compat _ (t - (c # p)) H ltac:(lra)). lra.
Qed.

Lemma compares_eq r t t' : t == t' -> compares r t -> compares r t'.
Proof. intros E. destruct r; cbn; rewrite E; auto. Qed.

Lemma cut_box_ok r w : forall c b y z, in_box b y -> compares r (dot w (y ++ z) + qz c) -> in_box (cut_box r w c b) y.
Proof.
  induction w as [|a w IH]; intros c b y z B C; [exact B|]. destruct B as [|side t b y S B]; [constructor|].
  cbn [cut_box]. cbn [app dot] in C. destruct (Z.eqb_spec a 0) as [->|N].
  - constructor; [exact S|]. apply (IH c b y z B). eapply compares_eq; [|exact C]. change (qz 0) with 0. ring.
  - destruct (forallb is_zero w) eqn:Z0; [|constructor; assumption]. constructor; [|exact B].
    apply cut_side_ok; [exact S|exact N|]. eapply compares_eq; [|exact C]. rewrite (dot_zero _ Z0). ring.
Qed.

Fixpoint assume_ok (g : formula) : forall d, assumed d -> holds g v -> assumed (assume g d).
Proof.
  destruct g as [parts|parts|l]; intros d A H.
  - cbn [assume]. cbn [holds] in H. revert d A H. induction parts as [|part parts IH]; intros d A H; [exact A|].
    cbn [fold_left]. cbn [fold_right] in H. destruct H as [H H']. apply IH; [apply assume_ok; assumption|exact H'].
  - destruct A as (B & L & P & V). split; [exact B|]. split; [exact L|]. split; [|exact V]. cbn [pending assume].
    apply Forall_app. split; [exact P|]. constructor; [exact H|constructor].
  - destruct A as (B & L & P & V). cbn [holds] in H. split; [|split; [|split; assumption]].
    + cbn [assume box]. apply (cut_box_ok _ _ _ _ _ (value net q last x) B).
      apply (compares_scaled _ _ (lden l)), H.
    + cbn [assume literals]. apply Forall_app. split; [exact L|]. constructor; [exact H|constructor].
Qed.

(** *** Cuts *)

Lemma change_ok i c : forall b y a a', in_box b y ->
  change i (fun side => below side c) b = Some a -> change i (fun side => above side c) b = Some a' ->
  in_box a y \/ in_box a' y.
Proof.
  induction i as [|i IH]; intros b y a a' B E E'; destruct B as [|side t b y S B]; try discriminate; cbn in E, E'.
  - injection E as <-. injection E' as <-. destruct (Qlt_le_dec t c) as [T|T].
    + left. constructor; [apply below_ok; [exact S|lra]|exact B].
    + right. constructor; [apply above_ok; assumption|exact B].
  - destruct (change i _ b) as [b1|] eqn:E1; [|discriminate].
    destruct (change i (fun side => above side c) b) as [b2|] eqn:E2; [|discriminate].
    cbn in E, E'. injection E as <-. injection E' as <-.
    destruct (IH _ _ _ _ B E1 E2) as [I|I]; [left|right]; constructor; assumption.
Qed.

(** *** Splits *)

Lemma fix_sign_ok n sign s z : state_ok f n s z -> weakly sign z -> state_ok f n (fix_sign f n sign s) z.
Proof.
  intros (_ & _ & R) W. split; [exact W|]. split; [|exact R]. cbn [enclosure fix_sign exact]. apply exact_ok, W.
Qed.

Lemma split_layer_ok p h ns : forall k ss a b, layer_ok f p h ns ss -> split_layer f k ns ss = Some (a, b) ->
  layer_ok f p h ns a \/ layer_ok f p h ns b.
Proof.
  induction ns as [|n ns IH]; intros k ss a b O E; [discriminate|]. destruct ss as [|s ss]; [discriminate|].
  cbn in O. destruct O as [O O'].
  assert (Step : forall k',
    match split_layer f k' ns ss with Some (a, b) => Some (s :: a, s :: b) | None => None end = Some (a, b) ->
    layer_ok f p h (n :: ns) a \/ layer_ok f p h (n :: ns) b).
  { intros k' K. destruct (split_layer f k' ns ss) as [[a' b']|] eqn:E'; [|discriminate]. injection K as <- <-.
    destruct (IH _ _ _ _ O' E') as [I|I]; [left|right]; split; assumption. }
  cbn [split_layer] in E. destruct (is_unit n); [|exact (Step _ E)]. destruct k as [|k]; [|exact (Step _ E)].
  destruct (is_open s); [|discriminate]. injection E as <- <-.
  destruct (Qlt_le_dec 0 (pre p h n)) as [P|P]; [right|left]; (split; [apply fix_sign_ok; [exact O|]|exact O']);
    unfold weakly, sign; lra.
Qed.

Lemma split_unit_ok net0 : forall k ss a b h, valid f net0 ss h -> split_unit f k net0 ss = Some (a, b) ->
  valid f net0 a h \/ valid f net0 b h.
Proof.
  induction net0 as [|L net0 IH]; intros k ss a b h V E; [discriminate|]. destruct ss as [|s ss]; [discriminate|].
  cbn in V. destruct V as [V V']. cbn [split_unit] in E. destruct (Nat.ltb k (units_of (neurons L))).
  - destruct (split_layer f k (neurons L) s) as [[a' b']|] eqn:E'; [|discriminate]. injection E as <- <-.
    destruct (split_layer_ok _ _ _ _ _ _ _ V E') as [I|I]; [left|right]; split; assumption.
  - destruct (split_unit f _ net0 ss) as [[a' b']|] eqn:E'; [|discriminate]. injection E as <- <-.
    destruct (IH _ _ _ _ _ V' E') as [I|I]; [left|right]; split; assumption.
Qed.

(** *** Leaves *)

Lemma empty_side_ok b y : in_box b y -> existsb empty_side b = true -> False.
Proof.
  intros B. induction B as [|[low high] t b y [Sl Sh] B IH]; cbn [existsb]; [discriminate|]. intros E.
  apply orb_prop in E as [E|E]; [|exact (IH E)]. destruct low as [low|], high as [high|]; try discriminate.
  cbn in E, Sl, Sh. apply negb_true_iff in E.
  assert (N : Qle_bool low high = true) by (apply Qle_bool_iff; lra). congruence.
Qed.

Lemma sum_literals_ok ls : Forall (fun l => literal_holds l v) ls -> forall pairs w c e strict,
  sum_literals ls pairs = Some (w, c, e, strict) ->
  dot w v + qz c <= 0 /\ (strict = true -> dot w v + qz c < 0).
Proof.
  intros F. induction pairs as [|[i m] pairs IH]; intros w c e strict E.
  - cbn in E. injection E as <- <- <- <-. cbn [dot]. change (qz 0) with 0. split; [lra|discriminate].
  - cbn [sum_literals] in E. destruct (nth_error ls i) as [l|] eqn:L; [|discriminate].
    destruct (sum_literals ls pairs) as [[[[w' c'] e'] strict']|]; [|discriminate].
    destruct (match rel l with IsEq => true | _ => (0 <=? m)%Z end) eqn:M; [|discriminate].
    injection E as <- <- <- <-.
    destruct (IH _ _ _ _ eq_refl) as [N S]. clear IH.
    apply nth_error_In in L. rewrite Forall_forall in F. specialize (F _ L). apply compares_scaled in F.
    set (T := dot (row l) v + qz (const l)) in *. set (R := dot w' v + qz c') in *.
    assert (Sum : dot (vadd (vscale (m * Zpos e') (row l)) (vscale (Zpos (lden l)) w')) v +
      qz (m * Zpos e' * const l + Zpos (lden l) * c') == qz (Zpos e') * (qz m * T) + qz (Zpos (lden l)) * R).
    { rewrite dot_vadd, !dot_vscale, qz_add, !qz_mul. unfold T, R. ring. }
    rewrite Sum. pose proof (qz_pos e') as Pe. pose proof (qz_pos (lden l)) as Pl.
    assert (R0 : qz (Zpos (lden l)) * R <= 0).
    { pose proof (Qmult_le_0_compat (qz (Zpos (lden l))) (- R) ltac:(lra) ltac:(lra)). lra. }
    assert (T0 : qz m * T <= 0).
    { destruct (rel l); cbn [compares] in F; [| |rewrite F; lra];
        apply Z.leb_le, qz_le in M; change (qz 0) with 0 in M;
        pose proof (Qmult_le_0_compat (qz m) (- T) ltac:(lra) ltac:(lra)); lra. }
    assert (T1 : qz (Zpos e') * (qz m * T) <= 0).
    { pose proof (Qmult_le_0_compat (qz (Zpos e')) (- (qz m * T)) ltac:(lra) ltac:(lra)). lra. }
    split; [lra|]. intros K. destruct (rel l); cbn [compares] in F.
    2: destruct (0 <? m)%Z eqn:Pm.
    2: { apply Z.ltb_lt, qz_lt in Pm. change (qz 0) with 0 in Pm.
         pose proof (Qmult_lt_0_compat (qz m) (- T) ltac:(lra) ltac:(lra)).
         pose proof (Qmult_lt_0_compat (qz (Zpos e')) (- (qz m * T)) ltac:(lra) ltac:(lra)). lra. }
    all: specialize (S K); pose proof (Qmult_lt_0_compat (qz (Zpos (lden l))) (- R) ltac:(lra) ltac:(lra)); lra.
Qed.

Lemma multiples_layer_ok scale p h pairs : (0 <= scale)%Z -> forall ns k ss ms, layer_ok f p h ns ss ->
  multiples_layer scale k ns ss pairs = Some ms -> dot ms (map (pre p h) ns) <= 0.
Proof.
  intros Sc. induction ns as [|n ns IH]; intros k ss ms O E; [cbn in E; injection E as <-; cbn; lra|].
  destruct ss as [|s ss]; [cbn in E; injection E as <-; cbn; lra|]. cbn in O. destruct O as [O O'].
  cbn [multiples_layer] in E. destruct (multiples_layer scale _ ns ss pairs) as [rest|] eqn:R; [|discriminate].
  specialize (IH _ _ _ O' R). set (z := pre p h n) in *.
  destruct (if is_unit n then lookup k pairs else None) as [m|].
  - destruct (0 <=? m)%Z eqn:M; [|discriminate]. destruct O as [Sg _]. destruct (split s) as [sign|]; [|discriminate].
    injection E as <-. cbn [map dot]. fold z. apply Z.leb_le in M.
    assert (P : 0 <= qz (scale * m)). { apply (qz_le 0). lia. }
    destruct sign; rewrite ?qz_opp.
    + pose proof (Qmult_le_0_compat _ _ P Sg). lra.
    + pose proof (Qmult_le_0_compat _ (- z) P ltac:(lra)). lra.
  - injection E as <-. cbn [map dot]. change (qz 0) with 0. lra.
Qed.

Lemma multiples_ok scale pairs : (0 <= scale)%Z -> forall net0 k ss ms h, valid f net0 ss h ->
  multiples scale k net0 ss pairs = Some ms -> added net0 ms h <= 0.
Proof.
  intros Sc. induction net0 as [|L net0 IH]; intros k ss ms h V E; [cbn; lra|]. destruct ss as [|s ss].
  - cbn in E. injection E as <-. rewrite added_nil. lra.
  - cbn in V. destruct V as [V V']. cbn [multiples] in E.
    destruct (multiples_layer scale k (neurons L) s pairs) as [a|] eqn:A; [|discriminate].
    destruct (multiples scale _ net0 ss pairs) as [b|] eqn:B; [|discriminate]. injection E as <-.
    cbn [added hd tl]. specialize (IH _ _ _ _ V' B). apply (multiples_layer_ok _ _ _ _ Sc _ _ _ _ V) in A. lra.
Qed.

Lemma dot_app w : forall y z, dot w (y ++ z) == dot (firstn (length y) w) y + dot (skipn (length y) w) z.
Proof.
  induction w as [|a w IH]; intros y z; [rewrite firstn_nil, skipn_nil; cbn; ring|].
  destruct y as [|t y]; cbn [app length firstn skipn dot]; [ring|]. rewrite IH. ring.
Qed.

Lemma contradictory_ok d ls bs : assumed d -> contradictory f net q last (length x) d ls bs = true -> False.
Proof.
  intros (B & L & _ & V) C. unfold contradictory in C. apply orb_prop in C as [C|C]; [exact (empty_side_ok _ _ B C)|].
  apply andb_prop in C as [_ C].
  destruct (sum_literals (literals d) ls) as [[[[w c] e] strict]|] eqn:S; [|discriminate].
  destruct (combine_rows (skipn (length x) w) last) as [v0 b] eqn:R.
  destruct (multiples (Zpos (q * e)) 0 net (states d) bs) as [ms|] eqn:M; [|discriminate].
  destruct (lower_bound _ _ _ _ _ _ _ _) as [[t m]|] eqn:E; [|discriminate].
  apply (lower_bound_ok _ _ _ _ _ _ _ _ _ _ _ V B) in E. apply (sum_literals_ok _ L) in S as [S St].
  apply (multiples_ok (Zpos (q * e)) bs ltac:(lia) _ _ _ _ _ V) in M.
  pose proof (combine_rows_ok (skipn (length x) w) last (outputs net x)) as K. rewrite R in K. cbn [fst snd] in K.
  rewrite (sumN_pre q) in K. fold (value net q last x) in K.
  assert (Eq : dot v0 (outputs net x) + qz (b + Zpos q * c) + dot (vscale (Zpos q) (firstn (length x) w)) x ==
    qz (Zpos q) * (dot w v + qz c)).
  { rewrite qz_add, qz_mul, dot_vscale. unfold v. rewrite dot_app.
    transitivity (dot v0 (outputs net x) + qz b + qz (Zpos q) * (qz c + dot (firstn (length x) w) x)); [ring|].
    rewrite K. unfold value. ring. }
  rewrite Eq in E. set (U := dot w v + qz c) in *. pose proof (qz_pos q) as Pq. pose proof (qz_pos m) as Pm.
  assert (U0 : qz (Zpos q) * U <= 0).
  { pose proof (Qmult_le_0_compat (qz (Zpos q)) (- U) ltac:(lra) ltac:(lra)). lra. }
  pose proof (Qmult_le_0_compat (qz (Zpos m)) (- (qz (Zpos q) * U + added net ms x)) ltac:(lra) ltac:(lra)) as N.
  apply orb_prop in C as [C|C].
  - assert (T : 0 < t). { apply Z.ltb_lt in C. destruct t as [t p]. unfold Qlt. cbn in *. lia. } lra.
  - apply andb_prop in C as [C C']. specialize (St C').
    assert (T : 0 <= t). { apply Qnum_nonneg. apply Z.eqb_eq in C. apply Z.leb_le. lia. }
    pose proof (Qmult_lt_0_compat (qz (Zpos q)) (- U) ltac:(lra) ltac:(lra)).
    pose proof (Qmult_lt_0_compat (qz (Zpos m)) (- (qz (Zpos q) * U + added net ms x)) ltac:(lra) ltac:(lra)). lra.
Qed.

(** ** The tree *)

Lemma take_out_ok {A} (P : A -> Prop) i : forall l a rest, Forall P l -> take_out i l = Some (a, rest) ->
  P a /\ Forall P rest.
Proof.
  induction i as [|i IH]; intros l a rest F E; destruct l as [|b l]; try discriminate; inversion F; subst; cbn in E.
  - injection E as <- <-. auto.
  - destruct (take_out i l) as [[a' rest']|] eqn:T; [|discriminate]. injection E as <- <-.
    destruct (IH _ _ _ H2 T). auto.
Qed.

(** An input of a node is an input of one of its children. *)
Theorem children_ok d s new : assumed d -> children f net q last (length x) d s = Some new ->
  exists e, In e new /\ assumed e.
Proof.
  intros A E. destruct s as [i c|k|j|ls bs|r w]; cbn [children] in E.
  - destruct (change i (fun side => below side c) (box d)) as [a|] eqn:E1; [|discriminate].
    destruct (change i (fun side => above side c) (box d)) as [b|] eqn:E2; [|discriminate]. injection E as <-.
    destruct A as (B & L & P & V). destruct (change_ok _ _ _ _ _ _ B E1 E2) as [I|I]; eexists.
    + split; [left; reflexivity|]. exact (conj I (conj L (conj P V))).
    + split; [right; left; reflexivity|]. exact (conj I (conj L (conj P V))).
  - destruct (split_unit f k net (states d)) as [[a b]|] eqn:S; [|discriminate]. injection E as <-.
    destruct A as (B & L & P & V). destruct (split_unit_ok _ _ _ _ _ _ V S) as [I|I]; eexists.
    + split; [left; reflexivity|]. exact (conj B (conj L (conj P I))).
    + split; [right; left; reflexivity|]. exact (conj B (conj L (conj P I))).
  - destruct (take_out j (pending d)) as [[parts rest]|] eqn:T; [|discriminate]. injection E as <-.
    destruct A as (B & L & P & V). destruct (take_out_ok _ _ _ _ _ P T) as [H P'].
    assert (A' : assumed (Node (box d) (literals d) rest (states d))) by exact (conj B (conj L (conj P' V))).
    clear T. cbn [holds] in H. induction parts as [|part parts IH]; [destruct H|].
    cbn [fold_right] in H. destruct H as [H|H].
    + eexists. split; [left; reflexivity|]. apply assume_ok; assumption.
    + destruct (IH H) as (e & I & S). exists e. split; [right; exact I|exact S].
  - destruct (contradictory f net q last (length x) d ls bs) eqn:C; [|discriminate].
    destruct (contradictory_ok _ _ _ A C).
  - destruct (with_chords r w) as [ls|]; [|discriminate].
    destruct (conclude f [] [] (box d) net (states d) ls) as [ss|] eqn:C; [|discriminate]. injection E as <-.
    destruct A as (B & L & P & V).
    apply (conclude_ok f (box d) net [] [] (states d) ls ss x eq_refl B I V) in C.
    eexists. split; [left; reflexivity|]. exact (conj B (conj L (conj P C))).
Qed.

Theorem run_ok steps : forall stack, run f net q last (length x) stack steps = true ->
  forall d, In d stack -> ~ assumed d.
Proof.
  induction steps as [|s steps IH]; intros stack R d I A.
  - destruct stack; [destruct I|discriminate].
  - destruct stack as [|e stack]; [destruct I|]. cbn [run] in R.
    destruct (children f net q last (length x) e s) as [new|] eqn:C; [|discriminate].
    destruct I as [->|I].
    + destruct (children_ok _ _ _ A C) as (c & Ic & Ac). apply (IH _ R c); [apply in_or_app; left; exact Ic|exact Ac].
    + apply (IH _ R d); [apply in_or_app; right; exact I|exact A].
Qed.

Lemma start_ok : forall net0 h, valid f net0 (start f net0) h.
Proof.
  induction net0 as [|L net0 IH]; intros h; cbn; [exact I|]. split; [|apply IH].
  induction (neurons L) as [|n ns IHn]; cbn; [exact I|]. split; [|exact IHn].
  unfold start_unit. destruct (is_unit n) eqn:U.
  - repeat split.
  - split; [exact I|]. split; [|split; exact I]. cbn [enclosure exact].
    unfold is_unit in U. apply negb_false_iff, Z.eqb_eq in U.
    set (z := pre (den L) h n). destruct (Qlt_le_dec 0 z) as [P|P].
    + rewrite U. apply (exact_ok f n true). unfold weakly, sign. lra.
    + apply (exact_ok f n false). exact P.
Qed.

End Soundness.

(** ** The theorem *)

(** If the check returns true, no input of the network makes the formula true. *)
Theorem check_unsat_sound f net q last dim g steps leaves :
  check_unsat f net q last dim g steps leaves = true ->
  forall x, length x = dim -> ~ holds g (x ++ value net q last x).
Proof.
  unfold check_unsat. intros C x <- H. apply andb_prop in C as [_ C].
  apply (run_ok f net q last x steps _ C _ (or_introl eq_refl)). apply assume_ok; [|exact H].
  split; [|split; [constructor|split; [constructor|apply start_ok]]].
  cbn [box]. clear. induction x as [|t x IH]; cbn; constructor; [split; exact I|exact IH].
Qed.
