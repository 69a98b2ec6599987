//! `watchfire standing`: where this plant stands; `watchfire guide`: what it has still to do.

use crate::args::{Format, Guide, GuideFormat, Standing};
use crate::error::{CliError, exit};
use crate::{Face, print, print_json, progress, width};
use evidence::{PathText, Say};
use report::programme::{GuideInput, guide_html, guide_json, guide_text, standing_text};
use serde_json::json;

pub(crate) fn run(face: &Face, a: &Standing) -> Result<u8, CliError> {
    let (node, plan) = (face.node()?, face.plan()?);
    let bar = progress::bar(face.common.quiet, face.lang);
    let uscc = a.uscc.as_deref();
    let kept = if a.sign {
        node.report_to_parent(&plan, uscc, &*bar, &face.stop)?
    } else {
        node.standing(&plan, uscc, &*bar, &face.stop)?
    };
    let doubts = judge::programme_doubts(&kept.report, &plan, None);
    if a.format == Format::Json {
        print_json(&json!({"report": kept.report, "record": kept.leaf, "skipped": kept.skipped, "doubts": doubts}));
        return Ok(exit::DONE);
    }
    let style = report::Style { colour: face.colour(), width: width() };
    print(&standing_text(&plan, &kept.report, kept.leaf, &doubts, face.lang, style));
    if kept.skipped > 0 {
        print(&face.say(&Say::new("cli.say.standing_skipped").with("count", kept.skipped)));
    }
    Ok(exit::DONE)
}

pub(crate) fn guide(face: &Face, a: &Guide) -> Result<u8, CliError> {
    let (node, plan) = (face.node()?, face.plan()?);
    let bar = progress::bar(face.common.quiet, face.lang);
    let kept = node.standing(&plan, a.uscc.as_deref(), &*bar, &face.stop)?;
    let guide = judge::guide(&plan, &kept.report, kept.report.as_of);
    let input = GuideInput { guide: &guide, plan: &plan, program: concat!("watchfire ", env!("CARGO_PKG_VERSION")) };
    let style = report::Style { colour: a.out.is_none() && face.colour(), width: width() };
    let text = match a.format {
        GuideFormat::Text => guide_text(&input, face.lang, style),
        GuideFormat::Json => format!("{:#}\n", guide_json(&input)),
        GuideFormat::Html => guide_html(&input, face.lang),
    };
    match &a.out {
        None => print(&text),
        Some(path) => {
            node::write(path, text.as_bytes())?;
            let shown = PathText::from_bytes(path.as_os_str().as_encoded_bytes());
            print(&face.say(&Say::new("cli.say.progress_written").with("path", shown)));
        }
    }
    Ok(exit::DONE)
}
