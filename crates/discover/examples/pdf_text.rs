//! The text of PDFs as the sensor sees it, for comparing with other readers, and what that costs.
//!
//! `pdf_text FILE` writes pages, each with a form feed behind; `pdf_text --time FILE...` only says how fast it was;
//! `pdf_text --gaps FILE...` says what was not read.
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = discover::Config::new(evidence::DigestKey::new([0; 32]), 1);
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.first().is_some_and(|p| p == "--time") {
        paths.remove(0);
        let (begin, mut bytes, mut said) = (Instant::now(), 0, 0);
        for path in &paths {
            let file = std::fs::read(Path::new(path))?;
            bytes += file.len();
            said += discover::fuzz::pdf_lines(&file, &config).map_or(0, |l| l.iter().map(|l| l.1.len()).sum());
        }
        let seconds = begin.elapsed().as_secs_f64();
        println!("{bytes} bytes, {said} of text, {seconds:.3} s, {:.1} MB/s", bytes as f64 / seconds / 1e6);
        return Ok(());
    }
    if paths.first().is_some_and(|p| p == "--gaps") {
        for path in &paths[1..] {
            for body in discover::fuzz::read_bytes(&std::fs::read(Path::new(path))?, &config) {
                if let evidence::Body::Gap(gap) = body {
                    println!(
                        "{path} {} {} {}",
                        gap.reason.name(),
                        gap.count,
                        gap.at.map_or(String::new(), |a| a.to_string())
                    );
                }
            }
        }
        return Ok(());
    }
    for path in paths {
        let file = std::fs::read(Path::new(&path))?;
        let mut page = 1;
        match discover::fuzz::pdf_lines(&file, &config) {
            Ok(lines) => {
                for (number, line) in lines {
                    while page < number {
                        println!("\x0C");
                        page += 1;
                    }
                    println!("{line}");
                }
            }
            Err(reason) => println!("{}", reason.name()),
        }
    }
    Ok(())
}
