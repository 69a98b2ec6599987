//! `watchfire assessment`: the yearly risk-assessment report, drawn up from records.

use crate::args::{Assessment, AssessmentVerb, PaperFormat};
use crate::error::{CliError, exit};
use crate::incident::pair;
use crate::{Face, print, print_json, written};
use evidence::{Lang, Say};
use node::NodeError;
use report::form;

pub(crate) fn run(face: &Face, a: &Assessment) -> Result<u8, CliError> {
    let AssessmentVerb::Draw { set, out, format } = &a.what;
    if out.is_none() && *format != [PaperFormat::Json] {
        return Err(CliError::new(Say::new("error.form-needs-out")));
    }
    let (plan, node) = (face.plan()?, face.node_read_only()?);
    let set = set.iter().map(|s| pair(s)).collect::<Result<Vec<_>, _>>()?;
    let drawn = node.assessment(&plan, face.lang, &set)?;
    let input = drawn.input(&plan)?;
    let Some(out) = out else {
        print_json(&form::form_json(&input));
        return Ok(exit::DONE);
    };
    std::fs::create_dir_all(out).map_err(|e| NodeError::io(out, &e))?;
    for format in format {
        let (end, bytes) = match format {
            PaperFormat::Html => ("html", form::form_html(&input, face.lang).into_bytes()),
            PaperFormat::Docx => ("docx", form::form_docx(&input, face.lang)),
            PaperFormat::Json => ("json", format!("{:#}\n", form::form_json(&input)).into_bytes()),
        };
        print(&face.say(&written(out, &format!("risk-assessment.{end}"), &bytes, "assessment_written")?));
    }
    if !drawn.missing.is_empty() {
        let say = Say::new("cli.say.assessment_missing").with("count", drawn.missing.len());
        let joined = drawn.missing.join(if face.lang == Lang::Zh { "、" } else { ", " });
        print(&face.say(&say.with("fields", joined)));
    }
    Ok(exit::DONE)
}
