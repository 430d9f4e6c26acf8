//! The real server under faults that no test inside a process can make.

mod crashes;
mod databases;
mod replicas;
mod storage;
mod storms;
mod world;
