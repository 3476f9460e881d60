(** The checker is sound: if [check] returns true, then the listed configurations are exactly those that occur.

    [check_sound_half_open], [check_sound_closed] and [check_sound_full] are the statements for the three notions of the
    format; [check_distinct] says that no configuration is listed twice. *)

From Coq Require Import ZArith QArith List Bool Lqa Lia.
From ExactReLU Require Import Vectors Network Checker Sums Witnesses.
Import ListNotations.
Open Scope Q_scope.

(** ** Refutations *)

Lemma in_cell_prefix k net p r x : in_cell k net (p ++ r) x -> (length p <= units net)%nat -> in_cell k net p x.
Proof.
  unfold in_cell. intros F L. destruct (fpre_app net p r x) as [t E]. rewrite E in F.
  assert (Len : length (fpre net p x) = length p) by (rewrite fpre_length; lia).
  apply Forall2_split in F as [F _]. rewrite Len, firstn_app, firstn_all, Nat.sub_diag in F. cbn in F.
  rewrite app_nil_r in F. exact F.
Qed.

Lemma generic_prefix net dim p r x : generic net dim (p ++ r) x -> generic net dim p x.
Proof.
  intros G u z HZ. destruct (fpre_app net p r x) as [t E].
  assert (U : (u < length (fpre net p x))%nat) by (apply nth_error_Some; congruence).
  destruct (G u z) as [N|N]; [rewrite E, nth_error_app1 by exact U; exact HZ|left; exact N|right].
  intros x' z' L HZ'. destruct (fpre_app net p r x') as [t' E'].
  assert (U' : (u < length (fpre net p x'))%nat) by (apply nth_error_Some; congruence).
  apply (N x' z' L). rewrite E', nth_error_app1 by exact U'. exact HZ'.
Qed.

Lemma sign_strict k z : k <> Closed -> sign k true z -> ~ z == 0.
Proof. intros N S E. destruct k; cbn in S; try lra. congruence. Qed.

Theorem refuted_ok k net dim dom p ys ds x : (length p <= units net)%nat ->
  refuted k net dim dom p ys ds = true -> in_domain dim dom x ->
  in_cell k net p x -> (k = Full -> generic net dim p x) -> False.
Proof.
  intros L R Dx C G. unfold refuted in R. apply andb_prop in R as [N R].
  destruct (back net p ys) as [[v c] d] eqn:B. destruct (bound dom v c d ds) as [t|] eqn:T; [|discriminate].
  destruct (bound_ok _ _ _ _ _ _ _ _ Dx T) as [j J]. rewrite (back_ok _ _ _ x _ _ _ B) in J.
  assert (W : Forall2 weakly p (fpre net p x)).
  { eapply Forall2_impl; [|exact C]. intros a b. apply sign_weakly. }
  pose proof (Ssum_nonneg _ _ _ W N) as S0.
  pose proof (qz_pos j) as Pj. pose proof (qz_pos d) as Pd.
  apply orb_prop in R as [R|R].
  - apply Z.ltb_lt, qz_lt in R. change (qz 0) with 0 in R.
    pose proof (Qmult_le_0_compat (qz (Zpos j)) _ ltac:(lra)
      (Qmult_le_0_compat (qz (Zpos d)) _ ltac:(lra) S0)). lra.
  - apply andb_prop in R as [R S]. apply Z.eqb_eq in R. subst t. change (qz 0) with 0 in J.
    assert (P : 0 < Ssum p (fpre net p x) ys).
    { assert (Lz : length (fpre net p x) = length p) by (rewrite fpre_length; lia).
      unfold strict in S. destruct k; [| |discriminate].
      - apply existsb_exists in S as (u & I & S). apply in_seq in I. apply andb_prop in S as [Y S].
        apply Z.ltb_lt in Y. assert (U : (u < length p)%nat) by lia.
        pose proof (nth_some false p u U) as Hb. pose proof (nth_some 0 (fpre net p x) u ltac:(lia)) as Hz.
        eapply Ssum_strict; [exact W|exact N|exact Y|exact Hb|exact Hz|].
        destruct (G eq_refl u _ Hz) as [NZ|V]; [exact NZ|].
        apply orb_prop in S as [S|S].
        + rewrite S in Hb. destruct (Forall2_nth_error _ _ _ C _ _ Hb) as (z & Hz' & Sz).
          rewrite Hz' in Hz. injection Hz as <-. apply (sign_strict Full); [discriminate|exact Sz].
        + exfalso. apply negb_true_iff in S. apply (vanishes_ok net dim p u _ Hb) in V; [congruence|lia].
      - apply existsb_exists in S as (u & I & S). apply in_seq in I. apply andb_prop in S as [Y S].
        apply Z.ltb_lt in Y. assert (U : (u < length p)%nat) by lia.
        pose proof (nth_some false p u U) as Hb. pose proof (nth_some 0 (fpre net p x) u ltac:(lia)) as Hz.
        rewrite S in Hb. eapply Ssum_strict; [exact W|exact N|exact Y|exact Hb|exact Hz|].
        destruct (Forall2_nth_error _ _ _ C _ _ Hb) as (z & Hz' & Sz).
        rewrite Hz' in Hz. injection Hz as <-. apply (sign_strict HalfOpen); [discriminate|exact Sz]. }
    pose proof (Qmult_lt_0_compat _ _ Pj (Qmult_lt_0_compat _ _ Pd P)). lra.
Qed.

(** ** Coverage *)

Lemma in_tails b s codes : In s (tails b codes) <-> In (b :: s) codes.
Proof.
  unfold tails. rewrite in_flat_map. split.
  - intros ([|c t] & I & J); [destruct J|]. destruct (Bool.eqb c b) eqn:E; [|destruct J].
    apply eqb_prop in E. subst c. destruct J as [->|[]]. exact I.
  - intros I. exists (b :: s). split; [exact I|]. rewrite eqb_reflx. left. reflexivity.
Qed.

Theorem complete_covers depth : forall codes D, complete depth codes = true -> (depth <= length D)%nat ->
  exists s r, In s codes /\ D = s ++ r.
Proof.
  induction depth as [|n IH]; intros codes D C L.
  - assert (E : codes = [[]]) by (destruct codes as [|[|] [|]]; cbn in C; congruence).
    subst. exists [], D. split; [left|]; reflexivity.
  - assert (E : codes = [[]] \/ (complete n (tails false codes) && complete n (tails true codes))%bool = true).
    { destruct codes as [|[|] [|]]; [right|left; reflexivity| | |];
        try right; cbn [complete] in C; rewrite <- andb_assoc in C; apply andb_prop in C as [_ C]; exact C. }
    destruct E as [->|E]; [exists [], D; split; [left|]; reflexivity|]. clear C. apply andb_prop in E as [E0 E1].
    destruct D as [|b D]; [cbn in L; lia|]. cbn in L.
    destruct (IH (tails b codes) D) as (s & r & I & ->); [destruct b; assumption|lia|].
    exists (b :: s), r. split; [apply in_tails, I|reflexivity].
Qed.

Lemma in_cells ls D : In D (cells ls) <-> exists p w, In (Cell p w) ls /\ bits_of p = D.
Proof.
  induction ls as [|[p w|p y d] ls IH]; cbn.
  - split; [intros []|intros (p & w & [] & _)].
  - split.
    + intros [E|I]; [exists p, w; auto|]. apply IH in I as (p' & w' & I & E). exists p', w'. auto.
    + intros (p' & w' & [E|I] & B); [injection E as -> ->; left; exact B|right; apply IH; exists p', w'; auto].
  - rewrite IH. split; intros (p' & w' & I & E); exists p', w'; [auto|]. destruct I as [I|I]; [discriminate|auto].
Qed.

(** No string of the code occurs twice. *)
Theorem complete_distinct depth : forall codes, complete depth codes = true -> NoDup codes.
Proof.
  assert (One : NoDup [@nil bool]) by (constructor; [intros []|constructor]).
  assert (Split : forall codes, forallb nonempty codes = true -> NoDup (tails false codes) -> NoDup (tails true codes) ->
    NoDup codes).
  { induction codes as [|[|b s] codes IH]; intros N F T; [constructor|discriminate|].
    cbn in N. constructor.
    - intros I. apply in_tails in I. destruct b; cbn in F, T; [inversion T|inversion F]; subst; contradiction.
    - apply IH; [exact N| |]; destruct b; cbn in F, T; first [assumption|inversion F; assumption|inversion T; assumption]. }
  induction depth as [|n IH]; intros codes C.
  - assert (E : codes = [[]]) by (destruct codes as [|[|] [|]]; cbn in C; congruence). subst. exact One.
  - assert (E : codes = [[]] \/
      (forallb nonempty codes && complete n (tails false codes) && complete n (tails true codes))%bool = true).
    { destruct codes as [|[|] [|]]; [right|left; reflexivity| | |]; try right; exact C. }
    destruct E as [->|E]; [exact One|]. apply andb_prop in E as [E E1]. apply andb_prop in E as [E E0].
    apply Split; [exact E|apply IH, E0|apply IH, E1].
Qed.

(** ** The theorem *)

(** If the check returns true: [D] is listed if and only if some point of the domain has the configuration [D]. *)
Theorem check_sound k net dim dom count ls : check k net dim dom count ls = true ->
  forall D, In D (cells ls) <-> exists x, in_domain dim dom x /\ has_configuration k net dim D x.
Proof.
  unfold check. intros C. apply andb_prop in C as [C _]. apply andb_prop in C as [C F]. apply andb_prop in C as [_ C].
  rewrite forallb_forall in F. intros D. split.
  - intros I. apply in_cells in I as (p & w & I & <-). specialize (F _ I). cbn in F. eapply witnessed_ok, F.
  - intros (x & Dx & L & H & G).
    destruct (complete_covers _ _ D C ltac:(lia)) as (s & r & I & E).
    apply in_map_iff in I as (l & El & I). specialize (F _ I). destruct l as [p w|p y d]; cbn in El, F.
    + unfold witnessed in F. destruct w as [|[|P|P] X]; try discriminate.
      apply andb_prop in F as [F _]. apply andb_prop in F as [F _]. apply andb_prop in F as [_ F].
      apply Nat.eqb_eq in F. rewrite El in F. assert (r = []).
      { destruct r; [reflexivity|]. subst D. rewrite app_length in L. cbn in L. lia. }
      subst r. rewrite app_nil_r in E. subst D. apply in_cells. exists p, (Zpos P :: X). auto.
    + exfalso. apply andb_prop in F as [Lp F]. apply Nat.leb_le in Lp. rewrite El in Lp, F. subst D.
      eapply refuted_ok; [exact Lp|exact F|exact Dx|eapply in_cell_prefix; eassumption|].
      intros K. eapply generic_prefix. apply G, K.
Qed.

Theorem check_sound_half_open net dim dom count ls : check HalfOpen net dim dom count ls = true ->
  forall D, In D (cells ls) <-> exists x, in_domain dim dom x /\ config net x = D.
Proof.
  intros C D. rewrite (check_sound _ _ _ _ _ _ C). split; intros (x & Dx & H); exists x; (split; [exact Dx|]).
  - destruct H as (L & H & _). symmetry. apply cell_unique; assumption.
  - subst D. split; [apply config_length|]. split; [apply config_in_cell|discriminate].
Qed.

(** In particular no input of the domain has a configuration that is not listed. *)
Corollary check_complete_half_open net dim dom count ls : check HalfOpen net dim dom count ls = true ->
  forall x, in_domain dim dom x -> In (config net x) (cells ls).
Proof. intros C x Dx. apply (check_sound_half_open _ _ _ _ _ C). exists x. auto. Qed.

Theorem check_sound_closed net dim dom count ls : check Closed net dim dom count ls = true ->
  forall D, In D (cells ls) <->
    exists x, in_domain dim dom x /\ length D = units net /\ Forall2 (sign Closed) D (fpre net D x).
Proof.
  intros C D. rewrite (check_sound _ _ _ _ _ _ C).
  split; intros (x & Dx & H); exists x; (split; [exact Dx|]); unfold has_configuration in *; [tauto|].
  intuition discriminate.
Qed.

(** [Full]: the listed configurations are those of the points where no unit is zero unless its row is. *)
Theorem check_sound_full net dim dom count ls : check Full net dim dom count ls = true ->
  forall D, In D (cells ls) <-> exists x, in_domain dim dom x /\ config net x = D /\ generic net dim D x.
Proof.
  intros C D. rewrite (check_sound _ _ _ _ _ _ C). split; intros (x & Dx & H); exists x; (split; [exact Dx|]).
  - destruct H as (L & H & G). split; [symmetry; apply cell_unique; assumption|auto].
  - destruct H as (<- & G). split; [apply config_length|]. split; [apply config_in_cell|auto].
Qed.

(** No configuration is listed twice, so their number is the number of lines. *)
Theorem check_distinct k net dim dom count ls : check k net dim dom count ls = true ->
  NoDup (cells ls) /\ length (cells ls) = count.
Proof.
  unfold check. intros C. apply andb_prop in C as [C N]. apply andb_prop in C as [C _]. apply andb_prop in C as [_ C].
  apply complete_distinct in C. split; [|apply Nat.eqb_eq, N]. clear N.
  induction ls as [|[p w|p y d] ls IH]; cbn in *; [constructor| |]; inversion C as [|? ? X C']; subst.
  - constructor; [|apply IH, C']. intros I. apply X. apply in_cells in I as (q & v & I & E).
    apply in_map_iff. exists (Cell q v). auto.
  - apply IH; assumption.
Qed.
