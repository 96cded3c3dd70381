//! Logs torn, damaged, full, shared and written anew.
