//! The compiler from outside: folders in, scripts, sheets and issues out.
