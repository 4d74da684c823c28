"""What people do: verbs. The session first, `by=` last; a service flushes and never commits."""
