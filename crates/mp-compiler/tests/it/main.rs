//! The compiler from outside: folders in; scripts, sheets and issues out.

mod bundle;
mod differences;
mod folder;
mod hostile;
mod manifest;
mod modules;
mod sheets;
mod versions;
mod wxs;
