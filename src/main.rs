//! Arguments → window or command; the only place that ends the process.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use dubito::cli::{Arguments, WindowOptions};
use dubito::gui::{self, GuiOptions};

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    // Wrong usage ends the process here with 2, help and version with 0.
    let arguments = Arguments::parse();
    let WindowOptions { data, model, view } = arguments.window;
    let window = GuiOptions { data, model, view };
    let outcome = match arguments.command {
        Some(command) => command.run().map_err(|failure| failure.to_string()),
        None => gui::run(window).map_err(|error| error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // With standard error closed there is nobody left to tell.
            let _ = writeln!(io::stderr(), "dubito: {message}");
            ExitCode::FAILURE
        }
    }
}
