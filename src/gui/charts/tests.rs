//! Charts asked for: what is copied, what is written, and what the charts hold.
