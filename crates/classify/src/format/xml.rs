//! XML: the name and namespace of the root element, after a mark, a declaration, comments, instructions and a document type.
//!
//! Nothing is expanded and nothing is parsed beyond the root's tag, so there is no bomb to set off: an internal subset is stepped over.
//! Namespaces are compared by a part of them, since versions and hosts vary; `near` is text that stands in the tag or soon after it.

use super::bytes::{first, has};
use super::table::Id::{self, *};
use super::{Found, How};

/// How far after the root's tag `near` is looked for. Bytes.
const NEAR_BYTES_MAX: usize = 2048;

/// The root element.
struct Root<'a> {
    prefix: &'a [u8],
    local: &'a [u8],
    /// From the name to the end of the tag (or of what is at hand).
    tag: &'a [u8],
    /// The tag and what follows.
    near: &'a [u8],
    studio: bool,
}

/// Root, part of the namespace, near text, format. Asked in this order; `*` is any root.
const ROOTS: &[(&str, &str, &str, Id)] = &[
    ("SCL", "iec.ch/61850", "", Scl),
    ("SCL", "", "<Header", Scl),
    ("UANodeSet", "", "", OpcNodeset),
    ("TypeDictionary", "opcfoundation.org", "", OpcTypes),
    ("project", "", "plcopen.org/xml/tc6", PlcOpen),
    ("Project", "iec.ch/public/TC65SC65BWG7", "", PlcOpen),
    ("RSLogix5000Content", "", "", RockwellL5x),
    ("Document", "", "<Engineering ", SiemensTiaExport),
    ("ExportFile", "", "<StructuredView", Codesys3Export),
    ("Project", "", "<StructuredView", Codesys3Export),
    ("Symbolconfiguration", "", "", CodesysSymbols),
    ("DeviceDescription", "3s-software.com", "", CodesysDevice),
    ("TcSmProject", "", "", TwinCatProject),
    ("TcPlcObject", "", "", TwinCatObject),
    ("TcPlcProject", "", "", TwinCatPlc),
    ("TcModuleClass", "", "", TwinCatModule),
    ("TcSmItem", "", "", TwinCatItem),
    ("Project", "developer/msbuild", "<ProgramVersion>", TwinCatPlc),
    ("BeremizRoot", "", "", Beremiz),
    ("FBType", "", "<InterfaceList", Iec61499),
    ("FBType", "", "<VersionInfo", Iec61499),
    ("AdapterType", "", "<VersionInfo", Iec61499),
    ("SubAppType", "", "<VersionInfo", Iec61499),
    ("DeviceType", "", "<VersionInfo", Iec61499),
    ("ResourceType", "", "<VersionInfo", Iec61499),
    ("System", "", "<VersionInfo", Iec61499),
    ("*", "mesa.org/xml/B2MML", "", B2mml),
    ("*", "wbf.org/xml/B2MML", "", B2mml),
    ("CAEXFile", "", "", AutomationMl),
    ("*", "mtconnect.org", "", MtConnect),
    ("bajaObjectGraph", "", "", Niagara),
    ("KNX", "knx.org", "", Knx),
    ("ISO15745Profile", "profibus.com/GSDML", "", Gsdml),
    ("ISO15745Profile", "", "GSDML", Gsdml),
    ("ISO15745Profile", "", "", Xdd),
    ("ISO15745ProfileContainer", "", "", Xdd),
    ("IODevice", "", "", Iodd),
    ("EtherCATInfo", "", "", EthercatEsi),
    ("NetworkDefinition", "kayak", "", CanKcd),
    ("AUTOSAR", "", "", Arxml),
    ("FIBEX", "", "", Fibex),
    ("ODX", "", "", Odx),
    ("CANDELA", "", "", Cdd),
    ("URProgram", "", "", UrProgram),
    ("*", "staubli.com", "", Staubli),
    ("*", "staubli.robotics", "", Staubli),
    ("robot", "", "<link", Urdf),
    ("robot", "", "<joint", Urdf),
    ("ifcXML", "", "", IfcXml),
    ("iso_10303_28", "", "ifc", IfcXml),
    ("iso_10303_28", "", "IFC", IfcXml),
    ("iso_10303_28", "", "", StepXml),
    ("Uos", "10303", "", StepXml),
    ("uos", "10303", "", StepXml),
    ("amf", "", "<object", Amf),
    ("X3D", "", "", X3d),
    ("COLLADA", "", "", Collada),
    ("definition", "", "type=\"element\"", QElectroTech),
    ("project", "", "<newdiagrams", QElectroTech),
    ("qet-directory", "", "", QElectroTech),
    ("EplanPxfRoot", "", "", EplanXml),
    ("IPC-2581", "", "", Ipc2581),
    ("eagle", "", "", EagleXml),
    ("module", "", "fritzingVersion", Fritzing),
    ("kml", "", "", Kml),
    ("CityModel", "", "", CityGml),
    ("osm", "", "version=", OsmXml),
    ("osmChange", "", "", OsmXml),
    ("gpx", "", "", Gpx),
    ("LandXML", "", "", LandXml),
    ("qgis", "", "", Qgis),
    ("RDF", "", "iec.ch/TC57", Cim),
    ("RDF", "", "entsoe.eu/CIM", Cim),
    ("project", "", "EMTDC", Pscad),
    ("VTKFile", "", "", VtkXml),
    ("Xdmf", "", "", Xdmf),
    ("Project", "", "LVVersion=", LabViewProject),
    ("Library", "", "LVVersion=", LabViewProject),
    ("LVClass", "", "LVVersion=", LabViewProject),
    ("worksheet", "mathsoft.com", "", Mathcad),
    ("svg", "", "", Svg),
    ("html", "", "", Html),
    ("stylesheet", "XSL/Transform", "", Xslt),
    ("transform", "XSL/Transform", "", Xslt),
    ("schema", "2001/XMLSchema", "", Xsd),
    ("rss", "", "", Rss),
    ("feed", "2005/Atom", "", Rss),
    ("definitions", "xmlsoap.org/wsdl", "", Wsdl),
    ("RDF", "22-rdf-syntax-ns", "", Rdf),
    ("plist", "", "", Plist),
    ("Envelope", "dmtf.org/ovf", "", Ovf),
    ("document", "opendocument", "", FlatOdf),
    ("wordDocument", "", "office/word", OfficeXml),
    ("Workbook", "office:spreadsheet", "", OfficeXml),
    ("package", "xmlPackage", "", OfficeXml),
    ("VisioDocument", "", "", OfficeXml),
    ("Project", "microsoft.com/project", "", OfficeXml),
    ("Project", "developer/msbuild", "", MsBuild),
    ("Project", "", "Sdk=", MsBuild),
    ("mxfile", "", "", DrawIo),
    ("*", "opengis.net/gml", "", Gml),
    ("FeatureCollection", "", "opengis.net/gml", Gml),
    ("FeatureCollection", "", "opengis.net/wfs", Gml),
];

/// Reads the root of `text`, which begins with `<`. Nothing if it is not XML.
pub(super) fn find(text: &[u8]) -> Option<Found> {
    let xml = Found::new(Xml, How::Root);
    let declared = text.starts_with(b"<?xml");
    let Some(root) = root(text) else {
        // A declaration alone is XML; the root lies beyond what is at hand.
        return declared.then_some(xml);
    };
    let found = |id| Found::new(id, How::Root);
    if root.studio {
        return Some(found(BrStudio));
    }
    if root.local.ends_with(b"ExchangeFile") && has(root.near, NEAR_BYTES_MAX, b"<fileHeader") {
        return Some(found(SchneiderExchange));
    }
    let namespace = root.namespace();
    let rule = ROOTS.iter().find(|(local, part, near, _)| {
        (*local == "*" || local.as_bytes() == root.local)
            && (part.is_empty() || has(namespace, usize::MAX, part.as_bytes()))
            && (near.is_empty() || has(root.near, root.tag.len() + NEAR_BYTES_MAX, near.as_bytes()))
    });
    if let Some((_, _, _, id)) = rule {
        return Some(found(*id).version(version(*id, namespace, root.tag)));
    }
    if root.local.eq_ignore_ascii_case(b"html") {
        return Some(found(Html));
    }
    // Without a declaration a word in angle brackets is not yet XML: its tag must close or bind a namespace.
    let closed = root.tag.len() < root.near.len();
    (declared || (closed && is_closed_later(&root))).then_some(xml)
}
fn is_closed_later(root: &Root<'_>) -> bool {
    !root.namespace().is_empty()
        || root.tag.ends_with(b"/")
        || memchr::memmem::find_iter(root.near, b"</")
            .any(|at| root.near.get(at + 2..).is_some_and(|r| r.starts_with(root.local) || r.starts_with(root.prefix)))
}

/// The version, where it is one of a few known words.
fn version(id: Id, namespace: &[u8], tag: &[u8]) -> Option<&'static str> {
    let one = |words: &[&'static str], text: &[u8]| words.iter().copied().find(|w| has(text, usize::MAX, w.as_bytes()));
    match id {
        PlcOpen => one(&["tc6_0200", "tc6_0201", "tc6_0100"], tag),
        Scl => match (attribute(tag, b"version", b""), attribute(tag, b"revision", b"")) {
            (Some(b"2007"), Some(b"A")) => Some("2007A"),
            (Some(b"2007"), Some(b"B")) => Some("2007B"),
            (Some(b"2007"), Some(b"C")) => Some("2007C"),
            _ => Some("2003"),
        },
        Kml => one(&["2.0", "2.1", "2.2", "2.3"], namespace),
        _ => None,
    }
}

fn root(text: &[u8]) -> Option<Root<'_>> {
    let (mut rest, mut studio) = (text, false);
    loop {
        rest = rest.trim_ascii_start();
        let end = if rest.starts_with(b"<?") {
            studio |= rest.starts_with(b"<?AutomationStudio");
            memchr::memmem::find(rest, b"?>")? + 2
        } else if rest.starts_with(b"<!--") {
            memchr::memmem::find(rest, b"-->")? + 3
        } else if rest.get(..9).is_some_and(|d| d.eq_ignore_ascii_case(b"<!DOCTYPE")) {
            doctype(rest)?
        } else {
            break;
        };
        rest = rest.get(end..)?;
    }
    let near = rest.strip_prefix(b"<")?;
    let name_len = near.iter().position(|b| !is_name(*b)).unwrap_or(near.len());
    let name = near.get(..name_len)?;
    if !name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80) {
        return None;
    }
    if !matches!(near.get(name_len), Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/')) {
        return None;
    }
    let (prefix, local) = match name.iter().position(|b| *b == b':') {
        Some(at) => (name.get(..at)?, name.get(at + 1..)?),
        None => (&b""[..], name),
    };
    Some(Root { prefix, local, tag: first(near, tag_len(near)), near, studio })
}
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80
}
/// Bytes of a document type, an internal subset stepped over.
fn doctype(rest: &[u8]) -> Option<usize> {
    let at = memchr::memchr2(b'>', b'[', rest)?;
    if rest.get(at) == Some(&b'>') {
        return Some(at + 1);
    }
    let close = at + memchr::memchr(b']', rest.get(at..)?)?;
    Some(close + memchr::memchr(b'>', rest.get(close..)?)? + 1)
}
/// Bytes before the `>` of the tag; one inside quotes is not the end.
fn tag_len(near: &[u8]) -> usize {
    let mut at = 0;
    while let Some(next) = near.get(at..).and_then(|r| memchr::memchr3(b'>', b'"', b'\'', r)) {
        let here = at + next;
        let Some(&byte) = near.get(here) else { break };
        if byte == b'>' {
            return here;
        }
        match near.get(here + 1..).and_then(|r| memchr::memchr(byte, r)) {
            Some(close) => at = here + close + 2,
            None => break,
        }
    }
    near.len()
}

impl<'a> Root<'a> {
    /// The namespace of the root, or nothing.
    fn namespace(&self) -> &'a [u8] {
        attribute(self.tag, b"xmlns", self.prefix).unwrap_or_default()
    }
}

/// The value of an attribute in a tag: `name`, or `name:local` if `local` is not empty.
fn attribute<'a>(tag: &'a [u8], name: &[u8], local: &[u8]) -> Option<&'a [u8]> {
    let is_it = |this: &[u8]| match this.strip_prefix(name) {
        Some(rest) if local.is_empty() => rest.is_empty(),
        Some(rest) => rest.strip_prefix(b":") == Some(local),
        None => false,
    };
    let mut rest = tag.get(tag.iter().position(|b| !is_name(*b))?..)?;
    loop {
        rest = rest.trim_ascii_start();
        let equals = memchr::memchr(b'=', rest)?;
        let this = rest.get(..equals)?.trim_ascii();
        let after = rest.get(equals + 1..)?.trim_ascii_start();
        let quote = *after.first().filter(|q| matches!(q, b'"' | b'\''))?;
        let value = after.get(1..)?;
        let close = memchr::memchr(quote, value)?;
        if is_it(this) {
            return value.get(..close);
        }
        rest = value.get(close + 1..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<Id> {
        find(text.as_bytes()).map(|f| f.id)
    }

    #[test]
    fn root_and_namespace() {
        assert_eq!(
            id("<?xml version='1.0'?><!-- a > b --><SCL xmlns=\"http://www.iec.ch/61850/2003/SCL\">"),
            Some(Scl)
        );
        assert_eq!(id("<x:SCL xmlns:x='http://www.iec.ch/61850/2003/SCL'/>"), Some(Scl));
        assert_eq!(id("<?xml version='1.0'?><SCL xmlns='urn:other'/>"), Some(Xml));
        assert_eq!(id("<!DOCTYPE eagle SYSTEM \"eagle.dtd\">\n<eagle version=\"6.5\">"), Some(EagleXml));
        assert_eq!(id("<!DOCTYPE a [<!ENTITY b \"<eagle>\">]>\n<Project>\n</Project>"), Some(Xml));
        assert_eq!(
            id("<?AutomationStudio Version=4.2.5?><Physical xmlns='http://br-automation.co.at/AS/Physical'/>"),
            Some(BrStudio)
        );
        assert_eq!(id("<project a='plcopen.org>' xmlns=\"http://www.plcopen.org/xml/tc6_0200\">"), Some(PlcOpen));
    }

    #[test]
    fn no_xml() {
        for text in ["<", "<<<<", "<stdin>: error", "< b", "<a", "<!-- open", "<!DOCTYPE x [", "<1/>"] {
            assert_eq!(id(text), None, "{text}");
        }
        assert_eq!(id("<?xml version=\"1.0\"?><!-- never closed"), Some(Xml));
        assert_eq!(find(&[b'<'; 65536]).map(|f| f.id), None);
    }
}
