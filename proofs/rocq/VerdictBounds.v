(** Backward bounding is sound, and so is what is concluded from it about units.

    [state_ok] is what a unit's state says of its preactivation, [valid] that all of it is true at an input.
    [backwards_ok] and [lower_bound_ok]: where it is true, the bounds are bounds.  [chord_ok]: a chord that is on its
    side at both ends is so between them.  [conclude_ok]: conclusions that the checker accepts keep [valid] true. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Partition Checker Sums Verdict.
Import ListNotations.
Open Scope Q_scope.

(** ** What states say *)

Definition at_least (low : option Q) (t : Q) : Prop := match low with Some a => a <= t | None => True end.
Definition at_most (high : option Q) (t : Q) : Prop := match high with Some a => t <= a | None => True end.
Definition in_interval (side : interval) (t : Q) : Prop := at_least (fst side) t /\ at_most (snd side) t.
Definition in_box (b : list interval) (x : list Q) : Prop := Forall2 in_interval b x.

Definition on_line (l : line) (z : Q) : Q := qz (fst l) * z + qz (snd l).

(** The activation times [f] times the layer's [slope_den]. *)
Definition act (f : positive) (n : neuron) (z : Q) : Q := qz (Zpos f) * (qz (slope n (positive_b z)) * z).

Definition state_ok (f : positive) (n : neuron) (s : state) (z : Q) : Prop :=
  match split s with None => True | Some true => 0 <= z | Some false => z <= 0 end /\
  match enclosure s with None => True | Some (lower, upper) => on_line lower z <= act f n z <= on_line upper z end /\
  in_interval (range s) z.

Fixpoint layer_ok (f q : positive) (h : list Q) (ns : list neuron) (ss : list state) : Prop :=
  match ns, ss with
  | n :: ns', s :: ss' => state_ok f n s (pre q h n) /\ layer_ok f q h ns' ss'
  | _, _ => True
  end.

Fixpoint valid (f : positive) (net : network) (ss : table) (h : list Q) : Prop :=
  match net, ss with
  | L :: rest, s :: ss' => layer_ok f (den L) h (neurons L) s /\ valid f rest ss' (output L h)
  | _, _ => True
  end.

(** ** Small facts *)

Lemma qz_Q a : qz a == a # 1.
Proof. reflexivity. Qed.

Lemma Q_split (a : Q) : a == qz (Qnum a) * [/Qden a].
Proof. destruct a as [a p]. unfold qz, Qeq. cbn. lia. Qed.

Lemma Qnum_nonneg a : (0 <=? Qnum a)%Z = true -> 0 <= a.
Proof. intros H. apply Z.leb_le in H. destruct a as [a p]. unfold Qle. cbn in *. lia. Qed.

Lemma Qnum_nonpos a : (Qnum a <=? 0)%Z = true -> a <= 0.
Proof. intros H. apply Z.leb_le in H. destruct a as [a p]. unfold Qle. cbn in *. lia. Qed.

Lemma raise_ok a b t : at_least a t -> at_least b t -> at_least (raise a b) t.
Proof. destruct a as [a|], b as [b|]; cbn; auto. destruct (Qle_bool a b); auto. Qed.

Lemma cap_ok a b t : at_most a t -> at_most b t -> at_most (cap a b) t.
Proof. destruct a as [a|], b as [b|]; cbn; auto. destruct (Qle_bool b a); auto. Qed.

Lemma above_ok side a t : in_interval side t -> a <= t -> in_interval (above side a) t.
Proof. intros [L H] A. split; [apply raise_ok|]; assumption. Qed.

Lemma below_ok side a t : in_interval side t -> t <= a -> in_interval (below side a) t.
Proof. intros [L H] A. split; [|apply cap_ok]; assumption. Qed.

Lemma plus_ok a b : plus a b == a + b.
Proof.
  unfold plus. destruct (Pos.eqb_spec (Qden a) (Qden b)) as [E|]; [|reflexivity].
  destruct a as [a p], b as [b p']. cbn in *. subst p'. unfold Qeq. cbn. lia.
Qed.

Lemma minimum_ok v : forall b x least, in_box b x -> minimum v b = Some least -> least <= dot v x.
Proof.
  induction v as [|a v IH]; intros b x t B M.
  - cbn in M. assert (t = 0) as -> by congruence. cbn. lra.
  - inversion B as [|side x0 b' x' S B']; subst.
    + cbn in M. assert (t = 0) as -> by congruence. cbn. lra.
    + destruct side as [low high]. cbn [minimum] in M. cbn [dot]. destruct (Z.eqb_spec a 0) as [->|N].
      * specialize (IH _ _ _ B' M). change (qz 0) with 0. lra.
      * destruct (if (0 <? a)%Z then low else high) as [e|] eqn:E; [|discriminate].
        destruct (minimum v b') as [rest|] eqn:R; [|discriminate]. injection M as <-. specialize (IH _ _ _ B' R).
        rewrite plus_ok. assert (A : (a * Qnum e # Qden e) == qz a * e).
        { destruct e as [e p]. unfold qz, Qeq. cbn. lia. }
        rewrite A. destruct S as [Sl Sh]. destruct (Z.ltb_spec 0 a) as [P|P]; subst; cbn in Sl, Sh.
        -- apply qz_lt in P. change (qz 0) with 0 in P. nra.
        -- apply qz_le in P. change (qz 0) with 0 in P. nra.
Qed.

Lemma act_post f s n z : qz (Zpos (f * s)) * post s n z == act f n z.
Proof.
  unfold post, act. change (Zpos (f * s)) with (Zpos f * Zpos s)%Z. rewrite qz_mul.
  transitivity (qz (Zpos f) * (qz (slope n (positive_b z)) * z) * ([/s] * qz (Zpos s))); [ring|].
  rewrite inv_mul. ring.
Qed.

(** ** Backward bounding *)

(** The multiples of preactivations that are added. *)
Fixpoint added (net : network) (ms : list (list Z)) (h : list Q) : Q :=
  match net with
  | [] => 0
  | L :: rest => dot (hd [] ms) (map (pre (den L) h) (neurons L)) + added rest (tl ms) (output L h)
  end.

Lemma added_nil net : forall h, added net [] h == 0.
Proof. induction net as [|L net IH]; intros h; cbn; [reflexivity|]. rewrite IH. ring. Qed.

(** [S] is the scale of the lines, [m] the multiple so far. *)
Lemma through_ok f (s m : positive) q h ns : forall ss v ms ks c, layer_ok f q h ns ss ->
  through (Zpos (f * s * m)) ns ss v ms = Some (ks, c) ->
  dot ks (map (pre q h) ns) + qz c <=
  qz (Zpos (f * s)) * (dot v (map (fun n => post s n (pre q h n)) ns) + qz (Zpos m) * dot ms (map (pre q h) ns)).
Proof.
  induction ns as [|n ns IH]; intros ss v ms ks c V T.
  - cbn in T. injection T as <- <-. cbn [map]. rewrite !dot_nil_r. change (qz 0) with 0. lra.
  - cbn [through] in T.
    destruct (through _ ns (tl ss) (tl v) (tl ms)) as [[ks' c']|] eqn:E; [|discriminate].
    assert (V' : layer_ok f q h ns (tl ss)) by (destruct ss; cbn in *; [destruct ns; exact I|tauto]).
    specialize (IH _ _ _ _ _ V' E). cbn [map]. rewrite (dot_hd_tl v), (dot_hd_tl ms).
    set (z := pre q h n) in *. set (zs := map (pre q h) ns) in *.
    set (hs := map (fun n0 => post s n0 (pre q h n0)) ns) in *.
    assert (Own : qz (match ms with [] => 0%Z | m0 :: _ => (Zpos (f * s * m) * m0)%Z end) ==
      qz (Zpos (f * s)) * (qz (Zpos m) * qz (hd 0%Z ms))).
    { change (Zpos (f * s * m)) with (Zpos (f * s) * Zpos m)%Z.
      destruct ms; cbn [hd]; rewrite ?qz_mul; [change (qz 0) with 0|]; ring. }
    destruct (Z.eqb_spec (hd 0%Z v) 0) as [Z0|NZ].
    + injection T as <- <-. cbn [dot]. rewrite Own, Z0. change (qz 0) with 0. lra.
    + destruct ss as [|[sp [[lower upper]|] rg op] ss]; try discriminate.
      cbn in V. destruct V as [(_ & Enc & _) _]. fold z in Enc. cbn [enclosure] in Enc.
      pose proof (act_post f s n z) as AP. rewrite <- AP in Enc. cbn [tl] in E.
      set (S := qz (Zpos (f * s))) in *. set (p := post s n z) in *. set (a := hd 0%Z v) in *.
      set (M := qz (Zpos m)) in *.
      destruct (Z.ltb_spec 0 a) as [P|P].
      * destruct lower as [mu tau]. injection T as <- <-. cbn [dot]. rewrite !qz_add, !qz_mul, Own.
        unfold on_line in Enc. cbn [fst snd] in Enc. apply qz_lt in P. change (qz 0) with 0 in P.
        pose proof (Qmult_le_0_compat (qz a) (S * p - (qz mu * z + qz tau)) ltac:(lra) ltac:(lra)). lra.
      * destruct upper as [mu tau]. injection T as <- <-. cbn [dot]. rewrite !qz_add, !qz_mul, Own.
        unfold on_line in Enc. cbn [fst snd] in Enc. apply qz_le in P. change (qz 0) with 0 in P.
        pose proof (Qmult_le_0_compat (- qz a) ((qz mu * z + qz tau) - S * p) ltac:(lra) ltac:(lra)). lra.
Qed.

Lemma sumN_pre q ks h : forall ns, sumN ks ns h == qz (Zpos q) * dot ks (map (pre q h) ns).
Proof.
  induction ks as [|k ks IH]; intros ns; [cbn; ring|]. destruct ns as [|n ns]; [cbn; ring|].
  cbn [sumN map dot]. rewrite IH, (pre_scaled q). ring.
Qed.

(** The backward pass: what it returns is at most [m] times the function that it started from. *)
Theorem backwards_ok f net : forall ss ms v c h w b m,
  valid f net ss h -> backwards f net ss ms v c = Some (w, b, m) ->
  dot w h + qz b <= qz (Zpos m) * (dot v (outputs net h) + qz c + added net ms h).
Proof.
  induction net as [|L net IH]; intros ss ms v c h w b m V B.
  - cbn in B. injection B as <- <- <-. cbn [outputs added]. change (qz 1) with 1. lra.
  - cbn [backwards] in B. destruct (backwards f net (tl ss) (tl ms) v c) as [[[v' c'] m']|] eqn:E; [|discriminate].
    destruct (through _ (neurons L) (hd [] ss) v' (hd [] ms)) as [[ks t]|] eqn:T; [|discriminate].
    destruct (combine_rows ks (neurons L)) as [w0 b0] eqn:C. injection B as <- <- <-.
    assert (V1 : layer_ok f (den L) h (neurons L) (hd [] ss)).
    { destruct ss; cbn in *; [destruct (neurons L); exact I|tauto]. }
    assert (V2 : valid f net (tl ss) (output L h)) by (destruct ss; cbn in *; [destruct net; exact I|tauto]).
    specialize (IH _ _ _ _ _ _ _ _ V2 E). apply (through_ok f _ _ _ _ _ _ _ _ _ _ V1) in T.
    pose proof (combine_rows_ok ks (neurons L) h) as R. rewrite C in R. cbn [fst snd] in R.
    rewrite (sumN_pre (den L)) in R. cbn [outputs added].
    change (map (fun n => post (slope_den L) n (pre (den L) h n)) (neurons L)) with (output L h) in T.
    assert (Const : qz (b0 + Zpos (den L) * (t + Zpos (f * slope_den L) * c')) ==
      qz b0 + qz (Zpos (den L)) * (qz t + qz (Zpos (f * slope_den L)) * qz c')).
    { rewrite qz_add, qz_mul, qz_add, qz_mul. reflexivity. }
    assert (Mult : qz (Zpos (den L * (f * slope_den L * m'))) ==
      qz (Zpos (den L)) * (qz (Zpos (f * slope_den L)) * qz (Zpos m'))).
    { rewrite <- !qz_mul. reflexivity. }
    rewrite Const, Mult.
    set (S := qz (Zpos (f * slope_den L))) in *. set (q := qz (Zpos (den L))) in *. set (M := qz (Zpos m')) in *.
    set (D := dot ks _) in *. set (A := dot (hd [] ms) _) in *. set (G := dot v _ + qz c + added net _ _) in *.
    assert (Sp : 0 < S) by apply qz_pos. assert (qp : 0 < q) by apply qz_pos.
    assert (X : D + qz t + S * qz c' <= S * (M * G + M * A)).
    { pose proof (Qmult_le_0_compat S (M * G - (dot v' (output L h) + qz c')) ltac:(lra) ltac:(lra)). lra. }
    pose proof (Qmult_le_0_compat q _ ltac:(lra) (proj1 (Qle_minus_iff _ _) X)).
    unfold G in *. lra.
Qed.

Theorem lower_bound_ok f net ss ms v c own b h t m : valid f net ss h -> in_box b h ->
  lower_bound f net ss ms v c own b = Some (t, m) ->
  t <= qz (Zpos m) * (dot v (outputs net h) + qz c + dot own h + added net ms h).
Proof.
  intros V B E. unfold lower_bound in E.
  destruct (backwards f net ss ms v c) as [[[w b0] m0]|] eqn:K; [|discriminate].
  destruct (minimum (vadd w (vscale (Zpos m0) own)) b) as [least|] eqn:M; [|discriminate].
  injection E as <- <-. apply (backwards_ok _ _ _ _ _ _ _ _ _ _ V) in K. apply (minimum_ok _ _ _ _ B) in M.
  rewrite dot_vadd, dot_vscale in M. rewrite plus_ok. change (b0 # 1) with (qz b0). lra.
Qed.

(** ** Conclusions *)

Lemma map_opp_dot w h : dot (map Z.opp w) h == - dot w h.
Proof.
  rewrite <- (Qmult_1_l (dot w h)). revert h. induction w as [|a w IH]; intros h; cbn; [ring|].
  destruct h; [ring|]. rewrite IH, qz_opp. ring.
Qed.

Lemma scaled_bound b m q z : b <= qz (Zpos m) * (qz (Zpos q) * z) -> Qnum b # (Qden b * (m * q)) <= z.
Proof.
  intros H. assert (P : 0 < qz (Zpos m) * qz (Zpos q)) by (apply Qmult_lt_0_compat; apply qz_pos).
  assert (E : (Qnum b # (Qden b * (m * q))) * (qz (Zpos m) * qz (Zpos q)) == b).
  { destruct b as [b p]. unfold qz, Qeq. cbn. rewrite !Pos2Z.inj_mul. ring. }
  apply (Qmult_le_r _ _ _ P). rewrite E. lra.
Qed.

Lemma least_ok f net ss b q n h : valid f net ss h -> in_box b h ->
  at_least (least f net ss b q n) (pre q (outputs net h) n).
Proof.
  intros V B. unfold least. destruct (lower_bound _ _ _ _ _ _ _ _) as [[t m]|] eqn:E; [|exact I].
  apply (lower_bound_ok _ _ _ _ _ _ _ _ _ _ _ V B) in E. cbn [at_least]. apply scaled_bound.
  rewrite added_nil in E. cbn [dot] in E. rewrite (pre_scaled q) in E. lra.
Qed.

Lemma greatest_ok f net ss b q n h : valid f net ss h -> in_box b h ->
  at_most (greatest f net ss b q n) (pre q (outputs net h) n).
Proof.
  intros V B. unfold greatest. destruct (lower_bound _ _ _ _ _ _ _ _) as [[t m]|] eqn:E; [|exact I].
  apply (lower_bound_ok _ _ _ _ _ _ _ _ _ _ _ V B) in E. cbn [at_most].
  rewrite added_nil, map_opp_dot, qz_opp in E. cbn [dot] in E.
  pose proof (pre_scaled q (outputs net h) n) as P.
  assert (K : Qnum t # (Qden t * (m * q)) <= - pre q (outputs net h) n).
  { apply scaled_bound. rewrite <- (Qmult_1_l (pre _ _ _)). rewrite <- (Qmult_1_l (pre _ _ _)) in P.
    eapply Qle_trans; [exact E|]. apply Qle_lteq. right.
    transitivity (qz (Zpos m) * (- (dot (weights n) (outputs net h) + qz (bias n)))); [ring|rewrite P; ring]. }
  change (- Qnum t # Qden t * (m * q)) with (- (Qnum t # (Qden t * (m * q)))). lra.
Qed.

(** *** The activation and its two sides *)

Lemma exact_ok f n b z : weakly b z ->
  on_line (slope n b * Zpos f, 0)%Z z <= act f n z <= on_line (slope n b * Zpos f, 0)%Z z.
Proof.
  intros W. unfold on_line, act. cbn [fst snd]. rewrite qz_mul. change (qz 0) with 0.
  assert (E : qz (slope n (positive_b z)) * z == qz (slope n b) * z).
  { pose proof (positive_b_spec z) as P. unfold weakly, sign in W.
    destruct b, (positive_b z); try reflexivity; assert (E : z == 0) by lra; rewrite E; ring. }
  rewrite E. lra.
Qed.

Lemma convex_max n z b : (neg n <= pos n)%Z -> qz (slope n b) * z <= qz (slope n (positive_b z)) * z.
Proof.
  intros C. apply qz_le in C. pose proof (positive_b_spec z) as P.
  destruct b, (positive_b z); cbn [slope]; try lra; nra.
Qed.

Lemma concave_min n z b : (pos n <= neg n)%Z -> qz (slope n (positive_b z)) * z <= qz (slope n b) * z.
Proof.
  intros C. apply qz_le in C. pose proof (positive_b_spec z) as P.
  destruct b, (positive_b z); cbn [slope]; try lra; nra.
Qed.

(** A linear function that is not negative at both ends is not negative between them. *)
Lemma between a t low high z : low <= z <= high -> 0 <= a * low + t -> 0 <= a * high + t -> 0 <= a * z + t.
Proof.
  intros [L H] A B. destruct (Qlt_le_dec a 0) as [N|N]; [|nra].
  assert (0 <= (- a) * (high - z)) by (apply Qmult_le_0_compat; lra). lra.
Qed.

Lemma gap_ok f m t k e : qz (gap f m t k e) == qz (Zpos (Qden e)) * ((qz m - qz k * qz (Zpos f)) * e + qz t).
Proof.
  unfold gap. rewrite qz_add, !qz_mul. unfold Z.sub. rewrite qz_add, qz_opp, qz_mul.
  assert (E : qz (Qnum e) == qz (Zpos (Qden e)) * e).
  { destruct e as [e p]. unfold Qeq, Qmult, qz, inject_Z. cbn [Qnum Qden]. rewrite ?Pos2Z.inj_mul. ring. }
  rewrite E. ring.
Qed.

Lemma gap_nonneg f m t k e : (0 <=? gap f m t k e)%Z = true -> 0 <= (qz m - qz k * qz (Zpos f)) * e + qz t.
Proof.
  intros H. apply Z.leb_le, qz_le in H. rewrite gap_ok in H. change (qz 0) with 0 in H.
  pose proof (qz_pos (Qden e)). apply Qnot_lt_le. intros N. nra.
Qed.

Lemma gap_nonpos f m t k e : (gap f m t k e <=? 0)%Z = true -> 0 <= (- (qz m - qz k * qz (Zpos f))) * e + - qz t.
Proof.
  intros H. apply Z.leb_le, qz_le in H. rewrite gap_ok in H. change (qz 0) with 0 in H.
  pose proof (qz_pos (Qden e)). apply Qnot_lt_le. intros N. nra.
Qed.

(** A chord on the right side at both ends encloses the activation between them. *)
Theorem chord_ok f n m t side z : encloses f (neg n <=? pos n)%Z n m t side = true -> in_interval side z ->
  if (neg n <=? pos n)%Z then act f n z <= on_line (m, t) z else on_line (m, t) z <= act f n z.
Proof.
  destruct side as [[low|] [high|]]; cbn [encloses]; try discriminate. cbn [forallb]. intros H [Hl Hh].
  cbn in Hl, Hh. unfold act, on_line. cbn [fst snd].
  destruct (neg n <=? pos n)%Z; apply andb_prop in H as [H1 H]; apply andb_prop in H as [H2 H];
    apply andb_prop in H as [H3 H]; apply andb_prop in H as [H4 _].
  - apply gap_nonneg in H1, H2, H3, H4. pose proof (between _ _ _ _ z (conj Hl Hh) H1 H3).
    pose proof (between _ _ _ _ z (conj Hl Hh) H2 H4). destruct (positive_b z); cbn [slope]; lra.
  - apply gap_nonpos in H1, H2, H3, H4. pose proof (between _ _ _ _ z (conj Hl Hh) H1 H3).
    pose proof (between _ _ _ _ z (conj Hl Hh) H2 H4). destruct (positive_b z); cbn [slope]; lra.
Qed.

Lemma enclosed_ok f n s side b m t s' z : state_ok f n s z -> in_interval side z ->
  enclosed f n s side (slope n b) m t = Some s' -> state_ok f n s' z.
Proof.
  intros (S & _ & _) I E. unfold enclosed in E.
  destruct (encloses f (neg n <=? pos n)%Z n m t side) eqn:K; [|discriminate]. injection E as <-.
  apply (fun H => chord_ok _ _ _ _ _ _ H I) in K. split; [exact S|]. split; [|exact I]. cbn [enclosure].
  pose proof (qz_pos f) as F.
  assert (Line : on_line (slope n b * Zpos f, 0)%Z z == qz (Zpos f) * (qz (slope n b) * z)).
  { unfold on_line. cbn [fst snd]. rewrite qz_mul. change (qz 0) with 0. ring. }
  destruct (Z.leb_spec (neg n) (pos n)) as [C|C].
  - split; [|exact K]. rewrite Line. unfold act. pose proof (convex_max n z b C). nra.
  - split; [exact K|]. rewrite Line. unfold act. assert (C' : (pos n <= neg n)%Z) by lia.
    pose proof (concave_min n z b C'). nra.
Qed.

Lemma conclude_unit_ok f net ss b L n s l s' h : valid f net ss h -> in_box b h ->
  state_ok f n s (pre (den L) (outputs net h) n) -> conclude_unit f net ss b L n s l = Some s' ->
  state_ok f n s' (pre (den L) (outputs net h) n).
Proof.
  intros V B S E. pose proof (least_ok f net ss b (den L) n h V B) as Lo.
  pose proof (greatest_ok f net ss b (den L) n h V B) as Hi. set (z := pre (den L) (outputs net h) n) in *.
  pose proof S as (Sg & En & Rl & Rh).
  apply (raise_ok _ _ _ Rl) in Lo. apply (cap_ok _ _ _ Rh) in Hi.
  destruct l as [| | |m t|m t]; cbn [conclude_unit] in E.
  - injection E as <-. exact S.
  - destruct (raise _ _) as [a|]; [|discriminate]. destruct (0 <=? Qnum a)%Z eqn:P; [|discriminate].
    injection E as <-. apply Qnum_nonneg in P. cbn in Lo. split; [exact Sg|]. split; [|split; assumption].
    cbn [enclosure exact]. apply (exact_ok f n true). unfold weakly, sign. lra.
  - destruct (cap _ _) as [a|]; [|discriminate]. destruct (Qnum a <=? 0)%Z eqn:P; [|discriminate].
    injection E as <-. apply Qnum_nonpos in P. cbn in Hi. split; [exact Sg|]. split; [|split; assumption].
    cbn [enclosure exact]. apply (exact_ok f n false). unfold weakly, sign. lra.
  - eapply (enclosed_ok f n s _ false); [exact S| |exact E]. split; assumption.
  - eapply (enclosed_ok f n s _ true); [exact S| |exact E]. split; assumption.
Qed.

Lemma conclude_layer_ok f net done b L h : valid f net done h -> in_box b h ->
  forall ns ss ls ss' rest, layer_ok f (den L) (outputs net h) ns ss ->
  conclude_layer f net done b L ns ss ls = Some (ss', rest) -> layer_ok f (den L) (outputs net h) ns ss'.
Proof.
  intros V B. induction ns as [|n ns IH]; intros ss ls ss' rest O E; [exact I|].
  destruct ss as [|s ss]; [cbn in E; injection E as <- <-; exact I|]. cbn in O. destruct O as [O O'].
  cbn [conclude_layer] in E. destruct (is_open s).
  - destruct ls as [|l ls]; [discriminate|].
    destruct (conclude_unit f net done b L n s l) as [s'|] eqn:U; [|discriminate].
    destruct (conclude_layer f net done b L ns ss ls) as [[ss'' r]|] eqn:K; [|discriminate]. injection E as <- <-.
    split; [eapply conclude_unit_ok; eassumption|eapply IH; eassumption].
  - destruct (conclude_layer f net done b L ns ss ls) as [[ss'' r]|] eqn:K; [|discriminate]. injection E as <- <-.
    split; [exact O|eapply IH; eassumption].
Qed.

Lemma outputs_app a : forall b h, outputs (a ++ b) h = outputs b (outputs a h).
Proof. induction a as [|L a IH]; intros b h; cbn; [reflexivity|apply IH]. Qed.

Lemma valid_app f a : forall b sa sb h, length sa = length a ->
  (valid f (a ++ b) (sa ++ sb) h <-> valid f a sa h /\ valid f b sb (outputs a h)).
Proof.
  induction a as [|L a IH]; intros b sa sb h E; destruct sa as [|s sa]; try discriminate; cbn [app valid outputs].
  - tauto.
  - rewrite IH by (cbn in E; lia). tauto.
Qed.

Theorem conclude_ok f b : forall net before done ss ls ss' h, length done = length before ->
  in_box b h -> valid f before done h -> valid f net ss (outputs before h) ->
  conclude f before done b net ss ls = Some ss' -> valid f (before ++ net) ss' h.
Proof.
  induction net as [|L net IH]; intros before done ss ls ss' h E B V W K.
  - cbn in K. destruct ls; [|discriminate]. injection K as <-. rewrite app_nil_r. exact V.
  - destruct ss as [|s ss].
    + cbn in K. destruct ls; [|discriminate]. injection K as <-. rewrite <- (app_nil_r done).
      apply valid_app; [exact E|]. split; [exact V|exact I].
    + cbn [conclude] in K. destruct (conclude_layer _ _ _ _ _ _ _ _) as [[s' ls']|] eqn:C; [|discriminate].
      cbn in W. destruct W as [W W'].
      apply (conclude_layer_ok f before done b L h V B _ _ _ _ _ W) in C.
      change (L :: net) with ([L] ++ net). rewrite app_assoc.
      refine (IH (before ++ [L]) (done ++ [s']) ss ls' ss' h _ B _ _ K).
      * rewrite !app_length. cbn. lia.
      * apply valid_app; [exact E|]. split; [exact V|]. cbn. split; [exact C|exact I].
      * rewrite outputs_app. exact W'.
Qed.
