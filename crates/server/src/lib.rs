#![doc = include_str!("../README.md")]

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
mod digest;
pub mod doctor;
pub mod flows;
pub mod gateway;
pub mod jobs;
mod limits;
pub mod listener;
pub mod merchant;
pub mod merchants;
mod reload;
pub mod telemetry;
pub mod webhooks;
