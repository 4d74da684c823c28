"""The demonstration: its supervisor, its programme, and stand-ins that speak the real protocols."""
