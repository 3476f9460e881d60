(** What the theorems rest on: each line must print "Closed under the global context". *)

From ExactReLU Require Import Network Partition Farkas Checker Soundness FullDimension Atoms Bounds VerdictBounds
  VerdictSoundness VerdictWitness.

Print Assumptions lemma_A2.
Print Assumptions lemma_A2_unique.
Print Assumptions lemma_A2_weak.
Print Assumptions config_in_cell.
Print Assumptions cell_unique.
Print Assumptions partition.
Print Assumptions refinement.
Print Assumptions affine_recursion.
Print Assumptions value_on_cell.
Print Assumptions farkas.
Print Assumptions farkas_exclusive.
Print Assumptions farkas_multipliers.
Print Assumptions check_infeasible_sound.
Print Assumptions check_sound.
Print Assumptions check_sound_half_open.
Print Assumptions check_complete_half_open.
Print Assumptions check_sound_closed.
Print Assumptions check_sound_full.
Print Assumptions check_distinct.
Print Assumptions full_complete.
Print Assumptions full_exact.
Print Assumptions full_exact_polyhedron.
Print Assumptions theorem_5_two.
Print Assumptions theorem_5.
Print Assumptions alpha_paths.
Print Assumptions paths_count.
Print Assumptions linear_paths.
Print Assumptions affine_split.
Print Assumptions offset.
Print Assumptions theorem_6_cell_two.
Print Assumptions theorem_6_cell.
Print Assumptions theorem_6_global.
Print Assumptions theorem_6_spectral_cell.
Print Assumptions theorem_6_spectral_global.
Print Assumptions backwards_ok.
Print Assumptions lower_bound_ok.
Print Assumptions chord_ok.
Print Assumptions conclude_ok.
Print Assumptions children_ok.
Print Assumptions check_unsat_sound.
Print Assumptions check_sat_sound.
