(** The checker: a Boolean function of a network, a domain and the lines of a certificate.

    It follows docs/certificate-format.md.  A refutation is added up from the last layer to the first: a combination of
    the preactivations of layer l+1 is a combination of the outputs of layer l, and under the prefix each output is a
    fixed multiple of a preactivation of layer l ([coefs]).  So no row is ever stored.  Integers only; [back] returns a
    positive multiple of the sum together with that multiple.

    Nothing is proved here; see Soundness.v. *)

From Coq Require Import ZArith QArith List Bool.
From ExactReLU Require Import Vectors Network.
Import ListNotations.
Open Scope Z_scope.

(** [a || b] and [a && b] that leave [b] alone when [a] decides: [vm_compute] evaluates every argument of a function. *)
Notation "a 'orelse' b" := (if a then true else b) (at level 50, left associativity).
Notation "a 'also' b" := (if a then b else false) (at level 40, left associativity).

Inductive domain :=
| Space
| Box (scale : positive) (sides : list (Z * Z))  (** lower, upper *)
| Polyhedron (scale : positive) (inequalities equalities : list (list Z)).  (** slack rows b, -a_1, ..., -a_d *)

Inductive leaf :=
| Cell (bits : positive) (witness : list Z)  (** denominator, numerators *)
| Refuted (bits : positive) (y d : list (nat * Z)).

(** A bit string as a positive number: the first bit is the lowest, a final 1 marks the end. *)
Fixpoint bits_of (p : positive) : list bool :=
  match p with
  | xH => []
  | xO p' => false :: bits_of p'
  | xI p' => true :: bits_of p'
  end.

Definition code (l : leaf) : list bool :=
  match l with Cell p _ => bits_of p | Refuted p _ _ => bits_of p end.

Fixpoint cells (ls : list leaf) : list (list bool) :=
  match ls with
  | [] => []
  | Cell p _ :: rest => bits_of p :: cells rest
  | _ :: rest => cells rest
  end.

(** ** The strings are a complete prefix code *)

Definition tails (b : bool) (codes : list (list bool)) : list (list bool) :=
  flat_map (fun s => match s with c :: t => if Bool.eqb c b then [t] else [] | [] => [] end) codes.

Definition nonempty (s : list bool) : bool := match s with [] => false | _ => true end.

Fixpoint complete (depth : nat) (codes : list (list bool)) : bool :=
  match codes with
  | [[]] => true
  | _ =>
      match depth with
      | O => false
      | S n => forallb nonempty codes && complete n (tails false codes) && complete n (tails true codes)
      end
  end.

(** ** Adding up *)

(** Multipliers given as (index, value) with increasing indices, as a list with a value for every index. *)
Fixpoint dense (size : nat) (from : nat) (pairs : list (nat * Z)) : list Z :=
  match size with
  | O => []
  | S n =>
      match pairs with
      | (u, m) :: rest => if Nat.eqb u from then m :: dense n (S from) rest else 0 :: dense n (S from) pairs
      | [] => []
      end
  end.

Fixpoint coefs (scale : Z) (ns : list neuron) (D : list bool) (ys v : list Z) : list Z :=
  match ns with
  | [] => []
  | n :: ns' =>
      if is_unit n then
        match D with
        | [] => 0 :: coefs scale ns' [] ys (tl v)
        | b :: D' =>
            (hd 0 v * slope n b + (if b then scale * hd 0 ys else - (scale * hd 0 ys)))
            :: coefs scale ns' D' (tl ys) (tl v)
        end
      else hd 0 v * neg n :: coefs scale ns' D ys (tl v)
  end.

Fixpoint combine_rows (ms : list Z) (ns : list neuron) : list Z * Z :=
  match ms, ns with
  | m :: ms', n :: ns' =>
      let (v, c) := combine_rows ms' ns' in
      if m =? 0 then (v, c) else (vadd (vscale m (weights n)) v, m * bias n + c)
  | _, _ => ([], 0)
  end.

Fixpoint back (net : network) (D : list bool) (ys : list Z) : list Z * Z * positive :=
  match net, D with
  | [], _ | _, [] => ([], 0, 1%positive)
  | L :: rest, _ =>
      let k := units_of (neurons L) in
      let '(v, c, d) := back rest (skipn k D) (skipn k ys) in
      let s := (slope_den L * d)%positive in
      let (w, b) := combine_rows (coefs (Zpos s) (neurons L) D ys v) (neurons L) in
      (w, b + c * Zpos (slope_den L * den L), (s * den L)%positive)
  end.

Fixpoint box_maximum (v : list Z) (sides : list (Z * Z)) : Z :=
  match v, sides with
  | a :: v', (l, u) :: rest => (if 0 <=? a then a * u else a * l) + box_maximum v' rest
  | _, _ => 0
  end.

Fixpoint slack_sum (ds : list Z) (rows : list (list Z)) : list Z :=
  match ds, rows with
  | m :: ds', r :: rows' => if m =? 0 then slack_sum ds' rows' else vadd (vscale m r) (slack_sum ds' rows')
  | _, _ => []
  end.

(** An upper bound of a positive multiple of the affine function [c + v . x] (given as [d] times the sum) on the domain. *)
Definition bound (dom : domain) (v : list Z) (c : Z) (d : positive) (ds : list Z) : option Z :=
  match dom with
  | Space => if forallb is_zero v then Some c else None
  | Box scale sides => Some (Zpos scale * c + box_maximum v sides)
  | Polyhedron scale ineqs eqs =>
      if forallb (Z.leb 0) (firstn (length ineqs) ds) then
        match vadd (vscale (Zpos scale) (c :: v)) (vscale (Zpos d) (slack_sum ds (ineqs ++ eqs))) with
        | t :: w => if forallb is_zero w then Some t else None
        | [] => None
        end
      else None
  end.

(** The unit's row under [D] is zero. *)
Definition unit_vector (u : nat) : list Z := repeat 0 u ++ [1].
Definition vanishes (net : network) (dim : nat) (D : list bool) (u : nat) : bool :=
  let '(v, c, _) := back net D (unit_vector u) in is_zero c && forallb is_zero (firstn dim v).

Definition strict (k : notion) (net : network) (dim : nat) (D : list bool) (ys : list Z) : bool :=
  match k with
  | Closed => false
  | HalfOpen => existsb (fun u => (0 <? nth u ys 0) also nth u D false) (seq 0 (length D))
  | Full => existsb (fun u => (0 <? nth u ys 0) also (nth u D false orelse negb (vanishes net dim D u))) (seq 0 (length D))
  end.

Definition refuted (k : notion) (net : network) (dim : nat) (dom : domain) (D : list bool) (ys ds : list Z) : bool :=
  forallb (Z.leb 0) ys &&
  let '(v, c, d) := back net D ys in
  match bound dom v c d ds with
  | Some t => (t <? 0) orelse ((t =? 0) also strict k net dim D ys)
  | None => false
  end.

(** ** Putting in *)

Fixpoint zdot (a x : list Z) : Z :=
  match a, x with
  | a0 :: a', x0 :: x' => a0 * x0 + zdot a' x'
  | _, _ => 0
  end.

Fixpoint unit_values (ns : list neuron) (zs : list Z) (D : list bool) : list Z :=
  match ns, zs with
  | n :: ns', z :: zs' =>
      if is_unit n then match D with [] => [] | _ :: D' => z :: unit_values ns' zs' D' end
      else unit_values ns' zs' D
  | _, _ => []
  end.

Fixpoint out_values (ns : list neuron) (zs : list Z) (D : list bool) : list Z :=
  match ns, zs with
  | n :: ns', z :: zs' =>
      if is_unit n then
        match D with [] => 0 :: out_values ns' zs' [] | b :: D' => slope n b * z :: out_values ns' zs' D' end
      else neg n * z :: out_values ns' zs' D
  | _, _ => []
  end.

(** Positive multiples of the preactivations at the point [H / P]. *)
Fixpoint forward (net : network) (D : list bool) (H : list Z) (P : positive) : list Z :=
  match net with
  | [] => []
  | L :: rest =>
      let zs := map (fun n => zdot (weights n) H + bias n * Zpos P) (neurons L) in
      unit_values (neurons L) zs D ++
      forward rest (skipn (units_of (neurons L)) D) (out_values (neurons L) zs D) (slope_den L * (den L * P))
  end.

Definition sign_b (k : notion) (b : bool) (z : Z) : bool :=
  match k with
  | Closed => if b then 0 <=? z else z <=? 0
  | _ => if b then 0 <? z else z <=? 0
  end.

Fixpoint signs (k : notion) (vanish : nat -> bool) (u : nat) (D : list bool) (zs : list Z) : bool :=
  match D, zs with
  | [], [] => true
  | b :: D', z :: zs' =>
      sign_b k b z && match k with Full => negb (z =? 0) orelse vanish u | _ => true end && signs k vanish (S u) D' zs'
  | _, _ => false
  end.

Fixpoint inside_box (scale P : positive) (sides : list (Z * Z)) (X : list Z) : bool :=
  match sides, X with
  | [], [] => true
  | (l, u) :: sides', x :: X' =>
      (l * Zpos P <=? x * Zpos scale) && (x * Zpos scale <=? u * Zpos P) && inside_box scale P sides' X'
  | _, _ => false
  end.

Definition inside (dom : domain) (P : positive) (X : list Z) : bool :=
  match dom with
  | Space => true
  | Box scale sides => inside_box scale P sides X
  | Polyhedron _ ineqs eqs =>
      forallb (fun r => 0 <=? zdot r (Zpos P :: X)) ineqs && forallb (fun r => zdot r (Zpos P :: X) =? 0) eqs
  end.

Definition witnessed (k : notion) (net : network) (dim : nat) (dom : domain) (D : list bool) (w : list Z) : bool :=
  match w with
  | Zpos P :: X =>
      Nat.eqb (length X) dim && Nat.eqb (length D) (units net) && inside dom P X &&
      signs k (vanishes net dim D) 0 D (forward net D X P)
  | _ => false
  end.

(** ** The whole certificate *)

Definition check_leaf (k : notion) (net : network) (dim : nat) (dom : domain) (l : leaf) : bool :=
  match l with
  | Cell p w => witnessed k net dim dom (bits_of p) w
  | Refuted p y d =>
      let D := bits_of p in
      let rows := match dom with Polyhedron _ a b => length a + length b | _ => 0 end%nat in
      Nat.leb (length D) (units net) && refuted k net dim dom D (dense (length D) 0 y) (dense rows 0 d)
  end.

(** What the notion asks of the domain: for [Full], an interior.  Polyhedra with equalities are refused for [Full]. *)
Fixpoint sides_ok (k : notion) (sides : list (Z * Z)) : bool :=
  match sides with
  | [] => true
  | (l, u) :: rest => (match k with Full => l <? u | _ => l <=? u end) && sides_ok k rest
  end.

Definition domain_ok (k : notion) (dim : nat) (dom : domain) : bool :=
  match dom with
  | Space => true
  | Box _ sides => Nat.eqb (length sides) dim && sides_ok k sides
  | Polyhedron _ _ eqs => match k, eqs with Full, _ :: _ => false | _, _ => true end
  end.

Definition check (k : notion) (net : network) (dim : nat) (dom : domain) (count : nat) (ls : list leaf) : bool :=
  domain_ok k dim dom && complete (units net) (map code ls) && forallb (check_leaf k net dim dom) ls &&
  Nat.eqb (length (cells ls)) count.
