//! What `watchfire incident` takes.

use super::{Format, MeasureFormat};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct Incident {
    #[command(subcommand)]
    pub(crate) what: IncidentVerb,
}

/// What a form can be written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaperFormat {
    Html,
    Docx,
    Json,
}

/// Who says something, when it was, and in which form the answer comes.
#[derive(Args, Debug)]
pub(crate) struct Said {
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Subcommand, Debug)]
pub(crate) enum IncidentVerb {
    Open(Open),
    Grade(Weigh),
    Show {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    List {
        #[arg(long)]
        late: bool,
        #[arg(long)]
        all: bool,
        #[arg(long)]
        drill: bool,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: MeasureFormat,
    },
    Timeline {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
    Note {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        said: Said,
    },
    Moment {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(value_name = "MOMENT")]
        moment: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        said: Said,
    },
    Told(Told),
    Touch {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(value_name = "ASSET", required = true)]
        assets: Vec<String>,
        #[command(flatten)]
        said: Said,
    },
    Report(Report),
    Form {
        #[command(subcommand)]
        what: FormVerb,
    },
    Respond(Respond),
    Step {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(value_name = "STEP")]
        step: String,
        #[arg(long)]
        skip: bool,
        #[arg(long, value_name = "NAME", default_value = "")]
        by: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
        #[command(flatten)]
        said: Said,
    },
    Task {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(long, value_name = "TEXT", conflicts_with_all = ["done", "dropped"])]
        add: Option<String>,
        #[arg(long, value_name = "NAME", default_value = "")]
        owner: String,
        #[arg(long, value_name = "TIME")]
        due: Option<String>,
        #[arg(long, value_name = "NUMBER")]
        done: Option<u32>,
        #[arg(long, value_name = "NUMBER", conflicts_with = "done")]
        dropped: Option<u32>,
        #[command(flatten)]
        said: Said,
    },
    Attach {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "TEXT", default_value = "")]
        what: String,
        #[arg(long, value_name = "NAME")]
        from: String,
        #[arg(long, value_name = "NAME")]
        to: String,
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        #[command(flatten)]
        said: Said,
    },
    Close {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(long, value_name = "TEXT")]
        lessons: String,
        #[arg(long, value_name = "MEASURE")]
        measure: Vec<String>,
        #[arg(long, value_name = "TEXT", default_value = "")]
        anyway: String,
        #[command(flatten)]
        said: Said,
    },
    Reopen {
        #[arg(value_name = "ID")]
        incident: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        said: Said,
    },
    Kit {
        #[arg(long, value_name = "REGIME")]
        regime: Option<String>,
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        #[arg(long, value_enum, value_delimiter = ',', default_value = "html,docx", value_name = "FORMAT")]
        format: Vec<PaperFormat>,
    },
    Profile {
        #[arg(long, value_name = "NAME")]
        unit: Option<String>,
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[arg(long, value_name = "TEXT")]
        contact: Option<String>,
        #[arg(long, value_name = "NUMBER")]
        mobile: Option<String>,
        #[arg(long, value_name = "ACTOR", value_delimiter = ',')]
        actor: Vec<String>,
        #[arg(long, value_name = "BRANCH", value_delimiter = ',')]
        branch: Vec<String>,
        #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
        format: Format,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Open {
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: String,
    #[arg(long, value_name = "TIME")]
    pub(crate) discovered: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(crate) occurred: Option<String>,
    #[arg(long, value_name = "ACTOR", value_delimiter = ',')]
    pub(crate) actor: Vec<String>,
    #[arg(long, value_name = "BRANCH", value_delimiter = ',')]
    pub(crate) branch: Vec<String>,
    #[arg(long)]
    pub(crate) drill: bool,
    #[arg(long, value_name = "ID")]
    pub(crate) from_alert: Vec<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) from_drill: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) from_finding: Vec<String>,
    #[arg(long)]
    pub(crate) interactive: bool,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Weigh {
    #[arg(value_name = "ID")]
    pub(crate) incident: String,
    #[arg(long, value_name = "DIMENSION=VALUE")]
    pub(crate) set: Vec<String>,
    #[arg(long, value_name = "DIMENSION=TEXT")]
    pub(crate) reason: Vec<String>,
    #[arg(long)]
    pub(crate) interactive: bool,
    #[command(flatten)]
    pub(crate) said: Said,
}

#[derive(Args, Debug)]
pub(crate) struct Told {
    #[arg(value_name = "ID")]
    pub(crate) incident: String,
    #[arg(long, value_name = "CLOCK", value_delimiter = ',')]
    pub(crate) clock: Vec<String>,
    #[arg(long, value_name = "phone|written|form|other")]
    pub(crate) channel: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) to: String,
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) by: String,
    #[arg(long, value_name = "SERIAL")]
    pub(crate) form: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) note: String,
    #[command(flatten)]
    pub(crate) said: Said,
}

#[derive(Args, Debug)]
pub(crate) struct Report {
    #[arg(value_name = "ID")]
    pub(crate) incident: String,
    #[arg(long, value_name = "FORM")]
    pub(crate) form: String,
    #[arg(long, value_name = "REGIME")]
    pub(crate) regime: Option<String>,
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    #[arg(long, conflicts_with = "amend")]
    pub(crate) next: bool,
    #[arg(long)]
    pub(crate) amend: bool,
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, value_delimiter = ',', default_value = "html", value_name = "FORMAT")]
    pub(crate) format: Vec<PaperFormat>,
}

#[derive(Args, Debug)]
pub(crate) struct Respond {
    #[arg(value_name = "ID")]
    pub(crate) incident: String,
    #[arg(long, value_name = "LEVEL", required_unless_present = "end", conflicts_with = "end")]
    pub(crate) level: Option<String>,
    #[arg(long)]
    pub(crate) end: bool,
    #[arg(long, value_name = "REGIME")]
    pub(crate) regime: Option<String>,
    #[arg(long, value_name = "ACTOR")]
    pub(crate) by: String,
    #[arg(long, value_name = "ACTOR=NAME")]
    pub(crate) consent: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) note: String,
    #[command(flatten)]
    pub(crate) said: Said,
}

#[derive(Subcommand, Debug)]
pub(crate) enum FormVerb {
    Review {
        #[arg(value_name = "SERIAL")]
        serial: String,
        #[arg(long, value_name = "NAME")]
        reviewer: String,
        #[command(flatten)]
        said: Answering,
    },
    Freeze {
        #[arg(value_name = "SERIAL")]
        serial: String,
        #[command(flatten)]
        said: Answering,
    },
    Print {
        #[arg(value_name = "SERIAL")]
        serial: String,
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
        #[arg(long, value_enum, value_delimiter = ',', default_value = "html,docx", value_name = "FORMAT")]
        format: Vec<PaperFormat>,
    },
    Seal {
        #[arg(value_name = "SERIAL")]
        serial: String,
        #[arg(long, value_name = "FILE")]
        scan: PathBuf,
        #[arg(long, value_name = "NAME")]
        signatory: String,
        #[arg(long, value_name = "CODE")]
        code: String,
        #[command(flatten)]
        said: Answering,
    },
    Void {
        #[arg(value_name = "SERIAL")]
        serial: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        said: Answering,
    },
}

/// Who says something, and in which form the answer comes.
#[derive(Args, Debug)]
pub(crate) struct Answering {
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) format: Format,
}
