//! The child of the self-test and of the tests: spoils a ground that carries its token, nothing else.

fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    u8::try_from(guard::trial::main(&args)).map_or(std::process::ExitCode::FAILURE, std::process::ExitCode::from)
}
