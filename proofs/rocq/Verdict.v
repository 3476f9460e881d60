(** The checker of verdicts: a Boolean function of a network, a formula and the lines of a tree.

    It follows docs/verdict-format.md, claim "unsat" with the proof "tree", for linear comparisons.  Bounds are
    carried in integers: [backwards] returns an affine function of the inputs that is at most a positive multiple of
    the function that was asked for, together with that multiple.  Nothing is rounded.

    A line of a unit is a pair (m, t) over 2^f times the layer's [slope_den]; [f] stands for 2^f below, and any
    positive number would do.  Open nodes are a stack; a line replaces the first by its children.

    Nothing is proved here; see VerdictBounds.v and VerdictSoundness.v. *)

From Coq Require Import ZArith QArith List Bool.
From ExactReLU Require Import Vectors Network Checker.
Import ListNotations.
Open Scope Z_scope.

(** ** Formulas *)

Inductive comparison := IsLe | IsLt | IsEq.

(** [(row . (inputs, outputs) + const) / lden] REL 0 *)
Record literal := Literal { rel : comparison; row : list Z; const : Z; lden : positive }.

Inductive formula :=
| And (parts : list formula)
| Or (parts : list formula)
| Compare (l : literal).

(** ** Intervals, boxes *)

Definition interval : Type := option Q * option Q.

Definition raise (low : option Q) (bound : option Q) : option Q :=
  match low, bound with
  | Some a, Some b => if Qle_bool a b then bound else low
  | None, _ => bound
  | _, None => low
  end.

Definition cap (high : option Q) (bound : option Q) : option Q :=
  match high, bound with
  | Some a, Some b => if Qle_bool b a then bound else high
  | None, _ => bound
  | _, None => high
  end.

Definition above (side : interval) (a : Q) : interval := (raise (fst side) (Some a), snd side).
Definition below (side : interval) (a : Q) : interval := (fst side, cap (snd side) (Some a)).

Definition empty_side (side : interval) : bool :=
  match side with (Some low, Some high) => negb (Qle_bool low high) | _ => false end.

(** Addition that keeps a common denominator. *)
Definition plus (a b : Q) : Q :=
  if (Qden a =? Qden b)%positive then (Qnum a + Qnum b) # Qden a else (a + b)%Q.

(** The least value of [v . x] on a box. *)
Fixpoint minimum (v : list Z) (box : list interval) : option Q :=
  match v, box with
  | a :: v', (low, high) :: box' =>
      if a =? 0 then minimum v' box'
      else match (if 0 <? a then low else high), minimum v' box' with
           | Some e, Some rest => Some (plus (a * Qnum e # Qden e) rest)
           | _, _ => None
           end
  | _, _ => Some 0%Q
  end.

(** ** Units *)

Definition line : Type := Z * Z.

Record state := State {
  split : option bool;  (** the sign that was assumed: false for z <= 0 *)
  enclosure : option (line * line);  (** below, above *)
  range : interval;
  is_open : bool }.

Notation table := (list (list state)).  (** a state for each neuron, layer by layer *)

Section Precision.
Variable f : positive.

Definition exact (k : Z) : option (line * line) := Some ((k * Zpos f, 0), (k * Zpos f, 0)).

Definition start_unit (n : neuron) : state :=
  if is_unit n then State None None (None, None) true else State None (exact (neg n)) (None, None) false.
Definition start (net : network) : table := map (fun L => map start_unit (neurons L)) net.

Definition fix_sign (n : neuron) (sign : bool) (s : state) : state :=
  State (Some sign) (exact (slope n sign)) (range s) false.

(** ** Backward bounding *)

(** One layer: coefficients of its preactivations and a constant, from coefficients [v] of its activations and the
    multiples [ms] of preactivations that are added, which count [scale] times. *)
Fixpoint through (scale : Z) (ns : list neuron) (ss : list state) (v ms : list Z) : option (list Z * Z) :=
  match ns with
  | [] => Some ([], 0)
  | _ :: ns' =>
      match through scale ns' (tl ss) (tl v) (tl ms) with
      | None => None
      | Some (ks, c) =>
          let a := hd 0 v in
          let own := match ms with [] => 0 | m :: _ => scale * m end in
          if a =? 0 then Some (own :: ks, c)
          else match ss with
               | State _ (Some (lower, upper)) _ _ :: _ =>
                   let (m, t) := if 0 <? a then lower else upper in Some (a * m + own :: ks, a * t + c)
               | _ => None
               end
      end
  end.

Fixpoint backwards (net : network) (ss : table) (ms : list (list Z)) (v : list Z) (c : Z)
  : option (list Z * Z * positive) :=
  match net with
  | [] => Some (v, c, 1%positive)
  | L :: rest =>
      match backwards rest (tl ss) (tl ms) v c with
      | None => None
      | Some (v', c', m) =>
          let scale := (f * slope_den L)%positive in
          match through (Zpos (scale * m)) (neurons L) (hd [] ss) v' (hd [] ms) with
          | None => None
          | Some (ks, t) =>
              let (w, b) := combine_rows ks (neurons L) in
              Some (w, b + Zpos (den L) * (t + Zpos scale * c'), (den L * (scale * m))%positive)
          end
      end
  end.

(** A number that is at most [m] times [v . h + c + own . x + multiples of preactivations]; and [m]. *)
Definition lower_bound (net : network) (ss : table) (ms : list (list Z)) (v : list Z) (c : Z) (own : list Z)
  (box : list interval) : option (Q * positive) :=
  match backwards net ss ms v c with
  | None => None
  | Some (w, b, m) =>
      match minimum (vadd w (vscale (Zpos m) own)) box with
      | None => None
      | Some least => Some (plus least (b # 1), m)
      end
  end.

(** ** Conclusions *)

Inductive letter := Dot | Plus | Minus | Low | High.
Inductive finding := Nothing | Positive | Negative | LowChord (m t : Z) | HighChord (m t : Z).

(** The letters with the chords that belong to them; None if there are too few or too many. *)
Fixpoint with_chords (r : list letter) (v : list Z) : option (list finding) :=
  match r, v with
  | [], [] => Some []
  | Dot :: r', _ => option_map (cons Nothing) (with_chords r' v)
  | Plus :: r', _ => option_map (cons Positive) (with_chords r' v)
  | Minus :: r', _ => option_map (cons Negative) (with_chords r' v)
  | Low :: r', m :: t :: v' => option_map (cons (LowChord m t)) (with_chords r' v')
  | High :: r', m :: t :: v' => option_map (cons (HighChord m t)) (with_chords r' v')
  | _, _ => None
  end.

(** Bounds of a preactivation: below, and above through its opposite. *)
Definition least (net : network) (ss : table) (box : list interval) (q : positive) (n : neuron) : option Q :=
  match lower_bound net ss [] (weights n) (bias n) [] box with
  | Some (b, m) => Some (Qnum b # (Qden b * (m * q)))
  | None => None
  end.
Definition greatest (net : network) (ss : table) (box : list interval) (q : positive) (n : neuron) : option Q :=
  match lower_bound net ss [] (map Z.opp (weights n)) (- bias n) [] box with
  | Some (b, m) => Some (- Qnum b # (Qden b * (m * q)))
  | None => None
  end.

(** [m e + t - 2^f k e] at both ends, for both slopes [k]: a chord above a convex, below a concave activation. *)
Definition gap (m t k : Z) (e : Q) : Z := (m - k * Zpos f) * Qnum e + t * Zpos (Qden e).
Definition encloses (convex : bool) (n : neuron) (m t : Z) (side : interval) : bool :=
  match side with
  | (Some low, Some high) =>
      forallb (fun g => if convex then 0 <=? g else g <=? 0)
        [gap m t (neg n) low; gap m t (pos n) low; gap m t (neg n) high; gap m t (pos n) high]
  | _ => false
  end.

Definition enclosed (n : neuron) (s : state) (side : interval) (k m t : Z) : option state :=
  let convex := neg n <=? pos n in
  if encloses convex n m t side
  then Some (State (split s)
    (Some (if convex then ((k * Zpos f, 0), (m, t)) else ((m, t), (k * Zpos f, 0)))) side true)
  else None.

(** [slope_den] turns a chord over 2^f into one over 2^f times [slope_den]. *)
Definition conclude_unit (net : network) (ss : table) (box : list interval) (L : layer) (n : neuron)
  (s : state) (l : finding) : option state :=
  match l with
  | Nothing => Some s
  | Positive =>
      match raise (fst (range s)) (least net ss box (den L) n) with
      | Some a => if 0 <=? Qnum a then Some (State (split s) (exact (pos n)) (Some a, snd (range s)) false) else None
      | None => None
      end
  | Negative =>
      match cap (snd (range s)) (greatest net ss box (den L) n) with
      | Some a => if Qnum a <=? 0 then Some (State (split s) (exact (neg n)) (fst (range s), Some a) false) else None
      | None => None
      end
  | LowChord m t | HighChord m t =>
      let side := (raise (fst (range s)) (least net ss box (den L) n),
                   cap (snd (range s)) (greatest net ss box (den L) n)) in
      enclosed n s side (match l with LowChord _ _ => neg n | _ => pos n end)
        (m * Zpos (slope_den L)) (t * Zpos (slope_den L))
  end.

Fixpoint conclude_layer (net : network) (done : table) (box : list interval) (L : layer) (ns : list neuron)
  (ss : list state) (ls : list finding) : option (list state * list finding) :=
  match ns, ss with
  | n :: ns', s :: ss' =>
      if is_open s then
        match ls with
        | [] => None
        | l :: ls' =>
            match conclude_unit net done box L n s l with
            | None => None
            | Some s' =>
                match conclude_layer net done box L ns' ss' ls' with
                | Some (ss'', rest) => Some (s' :: ss'', rest)
                | None => None
                end
            end
        end
      else match conclude_layer net done box L ns' ss' ls with
           | Some (ss'', rest) => Some (s :: ss'', rest)
           | None => None
           end
  | _, _ => Some ([], ls)
  end.

(** [before]: the layers that are done, with their new states [done]. *)
Fixpoint conclude (before : network) (done : table) (box : list interval) (net : network)
  (ss : table) (ls : list finding) : option table :=
  match net, ss with
  | L :: rest, s :: ss' =>
      match conclude_layer before done box L (neurons L) s ls with
      | Some (s', ls') => conclude (before ++ [L]) (done ++ [s']) box rest ss' ls'
      | None => None
      end
  | _, _ => match ls with [] => Some done | _ => None end
  end.

(** ** Splitting a unit: the numbers count the units, layer by layer *)

Fixpoint split_layer (k : nat) (ns : list neuron) (ss : list state) : option (list state * list state) :=
  match ns, ss with
  | n :: ns', s :: ss' =>
      match is_unit n, k with
      | true, O => if is_open s then Some (fix_sign n false s :: ss', fix_sign n true s :: ss') else None
      | unit, _ =>
          match split_layer (if unit then pred k else k) ns' ss' with
          | Some (a, b) => Some (s :: a, s :: b)
          | None => None
          end
      end
  | _, _ => None
  end.

Fixpoint split_unit (k : nat) (net : network) (ss : table) : option (table * table) :=
  match net, ss with
  | L :: rest, s :: ss' =>
      let width := units_of (neurons L) in
      if Nat.ltb k width then
        match split_layer k (neurons L) s with Some (a, b) => Some (a :: ss', b :: ss') | None => None end
      else match split_unit (k - width) rest ss' with Some (a, b) => Some (s :: a, s :: b) | None => None end
  | _, _ => None
  end.

(** ** Nodes *)

Record node := Node {
  box : list interval;
  literals : list literal;
  pending : list (list formula);
  states : table }.

(** A comparison of one single input cuts the box. *)
Definition cut_side (r : comparison) (a c : Z) (side : interval) : interval :=
  match a with
  | Zpos p => let high := below side (- c # p) in match r with IsEq => above high (- c # p) | _ => high end
  | Zneg p => let low := above side (c # p) in match r with IsEq => below low (c # p) | _ => low end
  | Z0 => side
  end.

Fixpoint cut_box (r : comparison) (v : list Z) (c : Z) (box : list interval) : list interval :=
  match v, box with
  | a :: v', side :: box' =>
      if a =? 0 then side :: cut_box r v' c box'
      else if forallb is_zero v' then cut_side r a c side :: box' else box
  | _, _ => box
  end.

Fixpoint assume (g : formula) (d : node) : node :=
  match g with
  | And parts => fold_left (fun e part => assume part e) parts d
  | Or parts => Node (box d) (literals d) (pending d ++ [parts]) (states d)
  | Compare l =>
      Node (cut_box (rel l) (row l) (const l) (box d)) (literals d ++ [l]) (pending d) (states d)
  end.

Fixpoint change {A} (i : nat) (g : A -> A) (l : list A) : option (list A) :=
  match l, i with
  | [], _ => None
  | a :: l', O => Some (g a :: l')
  | a :: l', S i' => option_map (cons a) (change i' g l')
  end.

(** An element and the list without it. *)
Fixpoint take_out {A} (i : nat) (l : list A) : option (A * list A) :=
  match l, i with
  | [], _ => None
  | a :: l', O => Some (a, l')
  | a :: l', S i' => match take_out i' l' with Some (b, rest) => Some (b, a :: rest) | None => None end
  end.

(** ** Leaves *)

(** [sum m_i p_i] as [(w . (x, y) + c) / e], and whether a literal with [<] takes part. *)
Fixpoint sum_literals (ls : list literal) (pairs : list (nat * Z)) : option (list Z * Z * positive * bool) :=
  match pairs with
  | [] => Some ([], 0, 1%positive, false)
  | (i, m) :: rest =>
      match nth_error ls i, sum_literals ls rest with
      | Some l, Some (w, c, e, strict) =>
          if (match rel l with IsEq => true | _ => 0 <=? m end) then
            Some (vadd (vscale (m * Zpos e) (row l)) (vscale (Zpos (lden l)) w),
                  m * Zpos e * const l + Zpos (lden l) * c,
                  (lden l * e)%positive,
                  (match rel l with IsLt => 0 <? m | _ => false end) orelse strict)
          else None
      | _, _ => None
      end
  end.

Fixpoint lookup (k : nat) (pairs : list (nat * Z)) : option Z :=
  match pairs with
  | [] => None
  | (i, m) :: rest => if Nat.eqb i k then Some m else lookup k rest
  end.

(** The multiples of the preactivations, with the sign that makes each term at most zero, times [scale]; [k] is the
    number of the first unit. *)
Fixpoint multiples_layer (scale : Z) (k : nat) (ns : list neuron) (ss : list state) (pairs : list (nat * Z))
  : option (list Z) :=
  match ns, ss with
  | n :: ns', s :: ss' =>
      match multiples_layer scale (if is_unit n then S k else k) ns' ss' pairs with
      | None => None
      | Some rest =>
          match (if is_unit n then lookup k pairs else None) with
          | None => Some (0 :: rest)
          | Some m =>
              if 0 <=? m then
                match split s with
                | None => None
                | Some sign => Some ((if sign then - (scale * m) else scale * m) :: rest)
                end
              else None
          end
      end
  | _, _ => Some []
  end.

Fixpoint multiples (scale : Z) (k : nat) (net : network) (ss : table) (pairs : list (nat * Z))
  : option (list (list Z)) :=
  match net, ss with
  | L :: rest, s :: ss' =>
      let next := (k + units_of (neurons L))%nat in
      match multiples_layer scale k (neurons L) s pairs, multiples scale next rest ss' pairs with
      | Some a, Some b => Some (a :: b)
      | _, _ => None
      end
  | _, _ => Some []
  end.

(** The last layer is rows with bias over [q]. *)
Definition contradictory (net : network) (q : positive) (last : list neuron) (dim : nat) (d : node)
  (ls bs : list (nat * Z)) : bool :=
  existsb empty_side (box d) orelse
  (forallb (fun p => Nat.ltb (fst p) (units net)) bs also
   match sum_literals (literals d) ls with
   | None => false
   | Some (w, c, e, strict) =>
       let (v, b) := combine_rows (skipn dim w) last in
       match multiples (Zpos (q * e)) 0 net (states d) bs with
       | None => false
       | Some ms =>
           match lower_bound net (states d) ms v (b + Zpos q * c) (vscale (Zpos q) (firstn dim w)) (box d) with
           | None => false
           | Some (t, _) => (0 <? Qnum t) orelse ((0 =? Qnum t) also strict)
           end
       end
   end).

(** ** The tree *)

Inductive step :=
| Cut (i : nat) (c : Q)
| Split (k : nat)
| Alternative (j : nat)
| Leaf (l b : list (nat * Z))
| Conclusion (r : list letter) (v : list Z).

Definition with_box (d : node) (b : list interval) : node := Node b (literals d) (pending d) (states d).
Definition with_states (d : node) (ss : table) : node := Node (box d) (literals d) (pending d) ss.

Definition children (net : network) (q : positive) (last : list neuron) (dim : nat) (d : node) (s : step)
  : option (list node) :=
  match s with
  | Cut i c =>
      match change i (fun side => below side c) (box d), change i (fun side => above side c) (box d) with
      | Some a, Some b => Some [with_box d a; with_box d b]
      | _, _ => None
      end
  | Split k =>
      match split_unit k net (states d) with
      | Some (a, b) => Some [with_states d a; with_states d b]
      | None => None
      end
  | Alternative j =>
      match take_out j (pending d) with
      | Some (parts, rest) =>
          Some (map (fun part => assume part (Node (box d) (literals d) rest (states d))) parts)
      | None => None
      end
  | Leaf l b => if contradictory net q last dim d l b then Some [] else None
  | Conclusion r v =>
      match with_chords r v with
      | None => None
      | Some ls =>
          match conclude [] [] (box d) net (states d) ls with
          | Some ss => Some [with_states d ss]
          | None => None
          end
      end
  end.

Fixpoint run (net : network) (q : positive) (last : list neuron) (dim : nat) (stack : list node) (steps : list step)
  : bool :=
  match steps, stack with
  | [], [] => true
  | s :: rest, d :: stack' =>
      match children net q last dim d s with
      | Some new => run net q last dim (new ++ stack') rest
      | None => false
      end
  | _, _ => false
  end.

Fixpoint count_leaves (steps : list step) : Z :=
  match steps with [] => 0 | Leaf _ _ :: rest => 1 + count_leaves rest | _ :: rest => count_leaves rest end.

Definition check_unsat (net : network) (q : positive) (last : list neuron) (dim : nat) (g : formula)
  (steps : list step) (leaves : Z) : bool :=
  (count_leaves steps =? leaves) &&
  run net q last dim [assume g (Node (repeat (None, None) dim) [] [] (start net))] steps.

End Precision.
