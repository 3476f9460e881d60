"""Pictures of subdivision complexes: matplotlib for dimensions 1 and 2, a self-contained HTML page for dimension 3."""

from exactrelu.plot.output import Picture, figure_for, plot_complex, require_format, save_plot, show

__all__ = ["Picture", "figure_for", "plot_complex", "require_format", "save_plot", "show"]
