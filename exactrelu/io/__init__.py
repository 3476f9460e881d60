"""Front ends: networks and domains from files and text, into exact values."""
