"""Pages, by who sees them. A view is load, form, use-case, redirect; its template bears its name."""
