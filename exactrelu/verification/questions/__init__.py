"""What is asked: formulas over inputs and outputs, queries, and the common properties as Python expressions."""
