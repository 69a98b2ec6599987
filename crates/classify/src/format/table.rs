//! Every format this room knows, one row each: the same table as `docs/specs/formats-v1.md`.
//!
//! Long because there are many formats, and one file because a format is looked for here and nowhere else. Columns: id, name,
//! family, usual extensions (a hint, never an answer), how it is told, and on what the row rests: `S` a real sample
//! was at hand (then the row is *verified*), `P` PRONOM signature, `L` libmagic, `D` documentation or public text, `M` memory alone.

/// What a format is for. A family says where such files belong, not how secret they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the variants are their own names; docs/specs/formats-v1.md lists them")]
pub enum Family {
    Plc,
    Scada,
    Fieldbus,
    Robot,
    Cnc,
    Cad,
    Eda,
    Gis,
    Power,
    Historian,
    Measurement,
    Capture,
    Cae,
    Office,
    Document,
    Mail,
    Archive,
    Disk,
    Container,
    Database,
    System,
    Image,
    Media,
    Executable,
    Key,
    Config,
    Markup,
    Font,
    Source,
    Text,
    Other,
}
impl Family {
    /// True for what belongs to a plant and its products rather than to any office.
    #[must_use]
    pub fn is_industrial(self) -> bool {
        use Family::{Cad, Cae, Capture, Cnc, Eda, Fieldbus, Gis, Historian, Measurement, Plc, Power, Robot, Scada};
        matches!(
            self,
            Plc | Scada | Fieldbus | Robot | Cnc | Cad | Eda | Gis | Power | Historian | Measurement | Capture | Cae
        )
    }
}

/// One format.
#[derive(PartialEq, Eq, Debug)]
pub struct Format {
    /// Fixed: it may stand in records.
    pub id: &'static str,
    /// What people call it, in English; a product's own name where it has one.
    pub name: &'static str,
    /// What it is for.
    pub family: Family,
    /// Usual extensions, lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// By what it is told: `magic`, `tail`, `zip`, `tar`, `ole`, `root`, `sqlite`, `content`, or only its `name`.
    pub told: &'static str,
    /// On what the row rests: letters as said above.
    pub source: &'static str,
    /// True if a real sample was at hand when the row was written.
    pub verified: bool,
}

const fn has_sample(source: &str) -> bool {
    let bytes = source.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'S' {
            return true;
        }
        i += 1;
    }
    false
}

macro_rules! formats {
    ($($ident:ident = $id:literal, $name:literal, $family:ident, [$($ext:literal)*], $told:literal, $source:literal;)*) => {
        /// The rows by name, for the rules of this room.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[expect(dead_code, reason = "some formats are known by their names alone, which no rule says")]
        pub(super) enum Id { $($ident),* }
        pub(super) const FORMATS: &[Format] = &[$(Format {
            id: $id, name: $name, family: Family::$family, extensions: &[$($ext),*], told: $told, source: $source,
            verified: has_sample($source),
        }),*];
    };
}
/// How many rows there are.
pub(super) const KNOWN: usize = FORMATS.len();

impl Id {
    /// The row.
    pub(super) fn format(self) -> &'static Format {
        &FORMATS[self as usize]
    }
}

formats! {
    // What cannot be named, and the containers whose magic alone says nothing.
    Empty = "empty", "nothing", Other, [], "content", "S";
    Binary = "binary", "bytes of an unknown kind", Other, [], "content", "S";
    PlainText = "text", "text", Text, ["txt" "log"], "content", "S";
    Ole = "ole", "OLE compound file", Container, [], "magic", "S";
    Zip = "zip", "ZIP archive", Archive, ["zip"], "magic", "S";
    Xml = "xml", "XML document", Markup, ["xml"], "root", "S";
    Sqlite = "sqlite", "SQLite database", Database, ["db" "sqlite" "sqlite3" "db3"], "magic", "S";
    Tar = "tar", "tar archive", Archive, ["tar"], "magic", "S";
    Gzip = "gzip", "gzip", Archive, ["gz" "tgz"], "magic", "S";
    Opc = "opc", "Open Packaging package", Archive, [], "zip", "D";
    // Control programs and their projects.
    SiemensTia = "siemens-tia-project", "TIA Portal project", Plc, ["ap11" "ap12" "ap13" "ap14" "ap15" "ap15_1" "ap16" "ap17" "ap18" "ap19" "ap20" "al11" "al12" "al13" "al14" "al15" "al16" "al17" "al18" "al19" "al20"], "name", "M";
    SiemensTiaArchive = "siemens-tia-archive", "TIA Portal archive", Plc, ["zap11" "zap12" "zap13" "zap14" "zap15" "zap15_1" "zap16" "zap17" "zap18" "zap19" "zap20" "zal13" "zal14" "zal15" "zal16" "zal17" "zal18" "zal19" "zal20"], "zip", "D";
    SiemensTiaExport = "siemens-tia-export", "TIA Portal Openness export", Plc, [], "root", "D";
    SiemensS7 = "siemens-s7-project", "STEP 7 project", Plc, ["s7p" "s7l"], "name", "M";
    SiemensS7Archive = "siemens-s7-archive", "STEP 7 archive", Plc, [], "zip", "D";
    SiemensS7Source = "siemens-s7-source", "STEP 7 source (STL, SCL)", Plc, ["awl" "scl" "udt" "gr7"], "content", "D";
    SiemensS7Symbols = "siemens-s7-symbols", "STEP 7 symbol table", Plc, ["sdf" "seq"], "content", "D";
    SiemensStep5 = "siemens-step5-archive", "STEP 5 archive", Plc, ["acs" "s5d"], "magic", "M";
    SiemensMicroWin = "siemens-microwin", "STEP 7-Micro/WIN project", Plc, ["mwp" "smart"], "name", "M";
    RockwellAcd = "rockwell-acd", "Logix Designer project", Plc, ["acd"], "magic", "D";
    RockwellL5x = "rockwell-l5x", "Logix Designer export (XML)", Plc, ["l5x"], "root", "SD";
    RockwellL5k = "rockwell-l5k", "Logix Designer export (text)", Plc, ["l5k"], "content", "D";
    RockwellRss = "rockwell-rss", "RSLogix 500 project", Plc, ["rss"], "ole", "M";
    RockwellRsp = "rockwell-rsp", "RSLogix 5 project", Plc, ["rsp"], "name", "M";
    Codesys3 = "codesys3-project", "CODESYS 3 project", Plc, ["project" "projectarchive" "ecp"], "zip", "M";
    Codesys3Export = "codesys3-export", "CODESYS 3 export", Plc, ["export"], "root", "D";
    Codesys2 = "codesys2-project", "CoDeSys 2.3 project", Plc, ["pro"], "magic", "M";
    Codesys2Export = "codesys2-export", "CoDeSys 2.3 export", Plc, ["exp"], "content", "D";
    CodesysSymbols = "codesys-symbols", "CODESYS symbol configuration", Plc, ["sym_xml"], "root", "D";
    CodesysDevice = "codesys-device", "CODESYS device description", Plc, [], "root", "D";
    TwinCatProject = "twincat-project", "TwinCAT project", Plc, ["tsproj" "tspproj"], "root", "SD";
    TwinCatPlc = "twincat-plc", "TwinCAT PLC project", Plc, ["plcproj"], "root", "SD";
    TwinCatObject = "twincat-object", "TwinCAT PLC object", Plc, ["tcpou" "tcdut" "tcgvl" "tcio" "tctto" "tctlo" "tcvis" "tcvmo"], "root", "SD";
    TwinCatModule = "twincat-module", "TwinCAT module class", Plc, ["tmc" "tmi"], "root", "SD";
    TwinCatItem = "twincat-item", "TwinCAT tree item", Plc, ["xti"], "root", "SD";
    TwinCatArchive = "twincat-archive", "TwinCAT archive", Plc, ["tnzip" "tpzip" "tszip"], "zip", "M";
    PlcOpen = "plcopen-xml", "PLCopen XML", Plc, [], "root", "SD";
    SchneiderExchange = "schneider-exchange", "Control Expert exchange file", Plc, ["xef" "xst" "xld" "xsy" "xbd" "xsf" "xdb" "xpg" "xhw"], "root", "D";
    SchneiderZef = "schneider-zef", "Control Expert full exchange file", Plc, ["zef"], "zip", "M";
    SchneiderSta = "schneider-sta", "Control Expert archive", Plc, ["sta"], "zip", "M";
    SchneiderStu = "schneider-stu", "Control Expert project", Plc, ["stu"], "name", "M";
    MitsubishiWorks2 = "mitsubishi-gxworks2", "GX Works2 project", Plc, ["gxw"], "name", "M";
    MitsubishiWorks3 = "mitsubishi-gxworks3", "GX Works3 project", Plc, ["gx3"], "name", "M";
    MitsubishiGxDev = "mitsubishi-gxdeveloper", "GX Developer project", Plc, ["gpj" "gps"], "name", "M";
    OmronCx = "omron-cx", "CX-Programmer project", Plc, ["cxp" "cxt" "cxr" "opt"], "name", "M";
    OmronSysmac = "omron-sysmac", "Sysmac Studio project", Plc, ["smc2"], "name", "M";
    KeyenceKv = "keyence-kv", "KV Studio project", Plc, ["kpr"], "name", "M";
    DeltaWpl = "delta-wplsoft", "WPLSoft project", Plc, ["dvp"], "name", "M";
    DeltaIsp = "delta-ispsoft", "ISPSoft project", Plc, ["isp"], "name", "M";
    InovanceAutoShop = "inovance-autoshop", "AutoShop project", Plc, ["hcp"], "name", "M";
    XinjePro = "xinje", "Xinje PLC program", Plc, ["xcp" "xdp"], "name", "M";
    BrStudio = "br-automation-studio", "Automation Studio project file", Plc, ["apj"], "root", "D";
    PhoenixPlcnext = "phoenix-plcnext", "PLCnext Engineer project", Plc, ["pcwex" "pcwlx"], "name", "M";
    PhoenixPcWorx = "phoenix-pcworx", "PC Worx project", Plc, ["mwt"], "name", "M";
    Beremiz = "beremiz", "Beremiz project", Plc, [], "root", "D";
    Iec61499 = "iec-61499", "IEC 61499 library element", Plc, ["fbt"], "root", "D";
    Iec61131 = "iec-61131-source", "IEC 61131-3 source", Plc, ["st"], "content", "SD";
    // Visualisation, control systems, information models.
    WinCc = "siemens-wincc", "WinCC project", Scada, ["mcp"], "name", "M";
    WinCcPicture = "siemens-wincc-picture", "WinCC picture", Scada, ["pdl"], "name", "M";
    ProTool = "siemens-protool", "ProTool project", Scada, ["fwd"], "name", "M";
    FactoryTalkMe = "rockwell-ftview-runtime", "FactoryTalk View ME runtime", Scada, ["mer"], "name", "M";
    FactoryTalkArchive = "rockwell-ftview", "FactoryTalk View archive", Scada, ["apa" "med" "sed"], "name", "M";
    IgnitionBackup = "ignition-backup", "Ignition gateway backup", Scada, ["gwbk"], "zip", "D";
    IgnitionProject = "ignition-project", "Ignition project export", Scada, ["proj"], "zip", "D";
    AvevaPackage = "aveva-package", "System Platform package", Scada, ["aapkg"], "name", "M";
    InTouch = "aveva-intouch", "InTouch window", Scada, ["win"], "name", "M";
    Citect = "citect-backup", "Citect backup", Scada, ["ctz"], "name", "M";
    IfixPicture = "ifix-picture", "iFIX picture", Scada, ["grf"], "name", "M";
    Mcgs = "mcgs", "MCGS configuration", Scada, ["mce" "mcgp"], "name", "M";
    KingView = "kingview", "KingView project", Scada, ["kvp"], "name", "M";
    DeltaV = "deltav-fhx", "DeltaV export", Scada, ["fhx"], "content", "D";
    AbbFreelance = "abb-freelance", "ABB workplace archive", Scada, ["afw"], "name", "M";
    OpcNodeset = "opcua-nodeset", "OPC UA node set", Scada, [], "root", "S";
    EpicsDb = "epics-db", "EPICS records", Scada, [], "content", "SD";
    OpcTypes = "opcua-types", "OPC UA type dictionary", Scada, [], "root", "D";
    B2mml = "b2mml", "B2MML (ISA-95, ISA-88)", Scada, [], "root", "D";
    AutomationMl = "automationml", "AutomationML (CAEX)", Scada, ["aml"], "root", "D";
    AutomationMlx = "automationml-package", "AutomationML package", Scada, ["amlx"], "zip", "M";
    MtConnect = "mtconnect", "MTConnect document", Scada, [], "root", "D";
    Niagara = "niagara", "Niagara station", Scada, ["bog"], "root", "D";
    Knx = "knx-project", "KNX project", Scada, ["knxproj"], "zip", "D";
    // Field buses and vehicle networks.
    ProfibusGsd = "profibus-gsd", "PROFIBUS device description", Fieldbus, ["gsd" "gse" "gsg"], "content", "SD";
    Gsdml = "gsdml", "PROFINET device description", Fieldbus, [], "root", "D";
    Iodd = "iodd", "IO-Link device description", Fieldbus, [], "root", "D";
    EthercatEsi = "ethercat-esi", "EtherCAT device description", Fieldbus, [], "root", "D";
    CanOpenEds = "canopen-eds", "CANopen device description", Fieldbus, ["eds" "dcf"], "content", "SD";
    EtherNetIpEds = "ethernetip-eds", "EtherNet/IP device description", Fieldbus, [], "content", "D";
    Xdd = "iso15745-xdd", "ISO 15745 device description", Fieldbus, ["xdd" "xdc"], "root", "D";
    CanDbc = "can-dbc", "CAN database", Fieldbus, [], "content", "SD";
    CanKcd = "can-kcd", "CAN database (KCD)", Fieldbus, ["kcd"], "root", "SD";
    CanSym = "can-sym", "PCAN symbol file", Fieldbus, [], "content", "SD";
    LinLdf = "lin-ldf", "LIN description", Fieldbus, ["ldf"], "content", "D";
    Arxml = "autosar-arxml", "AUTOSAR XML", Fieldbus, ["arxml"], "root", "SD";
    Fibex = "fibex", "FIBEX network description", Fieldbus, [], "root", "D";
    A2l = "asam-a2l", "ECU measurement description", Fieldbus, ["a2l"], "content", "D";
    Odx = "odx", "ECU diagnosis description", Fieldbus, ["odx" "odx-d"], "root", "SD";
    Pdx = "odx-package", "ECU diagnosis package", Fieldbus, ["pdx"], "zip", "SD";
    Cdd = "candela-cdd", "CANdela diagnosis description", Fieldbus, [], "root", "SD";
    // Robots and machine tools.
    KukaSrc = "kuka-krl", "KUKA robot program", Robot, [], "content", "SD";
    AbbRapid = "abb-rapid", "ABB RAPID module", Robot, [], "content", "D";
    FanucLs = "fanuc-ls", "Fanuc program (text)", Robot, ["ls"], "content", "D";
    FanucKarel = "fanuc-karel", "Fanuc KAREL source", Robot, ["kl"], "content", "D";
    FanucTp = "fanuc-tp", "Fanuc program (binary)", Robot, ["tp"], "name", "M";
    YaskawaJbi = "yaskawa-jbi", "Yaskawa robot job", Robot, ["jbi"], "content", "D";
    UrProgram = "ur-program", "Universal Robots program", Robot, ["urp"], "root", "D";
    UrScript = "ur-script", "URScript program", Robot, ["script" "urscript"], "content", "D";
    Staubli = "staubli-val3", "Stäubli VAL3 program", Robot, ["pgx" "dtx" "pjx"], "root", "D";
    Urdf = "urdf", "Robot description (URDF)", Robot, ["urdf"], "root", "D";
    GCode = "g-code", "G-code program", Cnc, ["ngc" "tap" "cnc" "eia" "gcode"], "content", "SD";
    Sinumerik = "sinumerik", "SINUMERIK program", Cnc, ["mpf" "spf"], "content", "D";
    Heidenhain = "heidenhain", "Heidenhain program", Cnc, [], "content", "D";
    AptCl = "apt-cl", "APT / CL data", Cnc, ["apt" "cls"], "content", "M";
    Mastercam = "mastercam", "Mastercam part", Cnc, ["mcam" "mcx"], "name", "M";
    // Mechanical and building design.
    Dwg = "autocad-dwg", "AutoCAD drawing", Cad, ["dwg" "dwt" "dws"], "magic", "SPL";
    Dxf = "dxf", "DXF drawing", Cad, ["dxf"], "content", "SL";
    DxfBinary = "dxf-binary", "DXF drawing (binary)", Cad, [], "magic", "S";
    Dwf = "dwf", "Design Web Format", Cad, ["dwf"], "magic", "SPL";
    Dwfx = "dwfx", "Design Web Format (XPS)", Cad, ["dwfx"], "zip", "P";
    AutocadPlot = "autocad-plot-style", "AutoCAD plot configuration", Cad, ["ctb" "stb" "pc3"], "magic", "P";
    AutocadShape = "autocad-shape", "AutoCAD shapes", Cad, ["shx"], "magic", "P";
    AutocadSlide = "autocad-slide", "AutoCAD slide", Cad, ["sld" "slb"], "magic", "P";
    Dgn7 = "microstation-dgn7", "MicroStation drawing V7", Cad, [], "magic", "SL";
    DgnCell = "microstation-cell", "MicroStation cell library", Cad, [], "magic", "L";
    Dgn8 = "microstation-dgn8", "MicroStation drawing V8", Cad, [], "ole", "PL";
    SolidWorks = "solidworks", "SolidWorks document", Cad, ["sldprt" "sldasm" "slddrw" "prtdot" "asmdot" "drwdot"], "ole magic", "SP";
    Catia5 = "catia-v5", "CATIA V5 document", Cad, ["catpart" "catproduct" "catdrawing" "catmaterial"], "magic", "P";
    Catia4 = "catia-v4", "CATIA V4 model", Cad, [], "content", "P";
    Catia3dXml = "catia-3dxml", "3DXML package", Cad, ["3dxml"], "zip", "M";
    Nx = "siemens-nx", "NX part", Cad, [], "ole", "M";
    Creo = "creo", "Creo / Pro/ENGINEER model", Cad, ["frm"], "magic", "D";
    SolidEdge = "solid-edge", "Solid Edge document", Cad, ["psm"], "ole", "M";
    Inventor = "inventor", "Inventor document", Cad, ["ipt" "iam" "idw" "ipn"], "ole", "M";
    Cadkey = "cadkey", "CADKEY part", Cad, [], "content", "SD";
    Parasolid = "parasolid", "Parasolid (text)", Cad, ["x_t" "xmt_txt"], "magic", "D";
    ParasolidBin = "parasolid-binary", "Parasolid (binary)", Cad, ["x_b" "xmt_bin"], "magic", "M";
    AcisText = "acis-sat", "ACIS (text)", Cad, ["sat"], "content", "D";
    AcisBin = "acis-sab", "ACIS (binary)", Cad, ["sab"], "magic", "D";
    Jt = "jt", "JT model", Cad, ["jt"], "magic", "SP";
    Step = "step", "STEP model", Cad, ["stp" "step" "p21"], "content", "SP";
    StepXml = "step-xml", "STEP model (XML)", Cad, ["stpx"], "root", "D";
    Express = "express", "EXPRESS schema", Cad, [], "content", "SD";
    Ifc = "ifc", "Building model (IFC)", Cad, ["ifc"], "content", "SP";
    IfcXml = "ifc-xml", "Building model (IFC XML)", Cad, ["ifcxml"], "root", "P";
    IfcZip = "ifc-zip", "Building model (IFC, packed)", Cad, ["ifczip"], "zip", "M";
    Iges = "iges", "IGES model", Cad, ["igs" "iges"], "content", "SP";
    Brep = "opencascade-brep", "OpenCASCADE shape", Cad, ["brep"], "content", "SD";
    Stl = "stl", "STL mesh (text)", Cad, [], "content", "SP";
    StlBinary = "stl-binary", "STL mesh (binary)", Cad, [], "content", "SP";
    ThreeMf = "3mf", "3D Manufacturing Format", Cad, ["3mf"], "zip", "SP";
    Amf = "amf", "Additive Manufacturing File", Cad, ["amf"], "root", "SD";
    Revit = "revit", "Revit document", Cad, ["rvt" "rfa" "rte" "rft"], "ole", "P";
    SketchUp = "sketchup", "SketchUp model", Cad, ["skp"], "magic", "P";
    Navisworks = "navisworks", "Navisworks document", Cad, ["nwd" "nwc"], "magic", "P";
    Rhino = "rhino-3dm", "Rhino model", Cad, ["3dm"], "magic", "P";
    ThreeDs = "3ds", "3D Studio mesh", Cad, ["3ds"], "magic", "SD";
    ThreeDsMax = "3ds-max", "3ds Max scene", Cad, [], "ole", "SP";
    Obj = "wavefront-obj", "Wavefront model", Cad, [], "content", "SP";
    Vrml = "vrml", "VRML scene", Cad, ["wrl"], "content", "SP";
    X3d = "x3d", "X3D scene", Cad, ["x3d"], "root", "SP";
    Collada = "collada", "COLLADA asset", Cad, ["dae"], "root", "SP";
    Fbx = "fbx", "FBX scene", Cad, ["fbx"], "magic", "SP";
    FbxText = "fbx-text", "FBX scene (text)", Cad, [], "content", "SP";
    Gltf = "gltf", "glTF scene", Cad, ["gltf"], "content", "SD";
    Glb = "glb", "glTF scene (binary)", Cad, ["glb"], "magic", "SD";
    U3d = "u3d", "Universal 3D", Cad, ["u3d"], "magic", "P";
    Usd = "usd", "OpenUSD scene", Cad, ["usda" "usdc" "usdz"], "magic", "D";
    FreeCad = "freecad", "FreeCAD document", Cad, ["fcstd"], "zip", "SD";
    OpenScad = "openscad", "OpenSCAD script", Cad, ["scad"], "name", "D";
    Blender = "blender", "Blender scene", Cad, ["blend"], "magic", "SP";
    Kompas = "kompas", "KOMPAS drawing", Cad, ["cdw" "m3d"], "magic", "L";
    Vectorworks = "vectorworks", "Vectorworks document", Cad, ["vwx"], "magic", "P";
    Hpgl = "hpgl", "HP-GL plot", Cad, ["plt" "hpgl"], "content", "D";
    Cgm = "cgm", "Computer Graphics Metafile", Cad, ["cgm"], "magic", "P";
    Ply = "ply", "PLY mesh", Cad, ["ply"], "magic", "SD";
    Off = "off", "OFF mesh", Cad, [], "content", "SD";
    QElectroTech = "qelectrotech", "QElectroTech diagram", Cad, ["qet" "elmt"], "root", "SD";
    Eplan = "eplan", "EPLAN project", Cad, ["elk" "zw1" "epdz" "edz"], "name", "M";
    EplanXml = "eplan-xml", "EPLAN XML export", Cad, [], "root", "D";
    // Electronics.
    Gerber = "gerber", "Gerber layer", Eda, ["gbr" "gtl" "gbl" "gts" "gbs" "gto" "gbo" "gtp" "gbp" "gko" "gm1"], "content", "SP";
    Excellon = "excellon", "Excellon drill file", Eda, ["drl"], "content", "SD";
    OdbPlusPlus = "odb", "ODB++ job", Eda, [], "zip", "M";
    Ipc2581 = "ipc-2581", "IPC-2581", Eda, [], "root", "D";
    IpcD356 = "ipc-d-356", "IPC-D-356 netlist", Eda, ["ipc" "d356"], "content", "D";
    Gdsii = "gdsii", "GDSII layout", Eda, ["gds" "gdsii"], "magic", "SL";
    Oasis = "oasis", "OASIS layout", Eda, ["oas"], "magic", "D";
    AltiumSch = "altium-schematic", "Altium schematic", Eda, ["schdoc" "schlib"], "ole", "D";
    AltiumPcb = "altium-pcb", "Altium board", Eda, ["pcbdoc" "pcblib"], "ole", "D";
    AltiumProject = "altium-project", "Altium project", Eda, ["prjpcb"], "content", "D";
    KiCadPcb = "kicad-pcb", "KiCad board", Eda, ["kicad_pcb"], "content", "SD";
    KiCadSch = "kicad-schematic", "KiCad schematic", Eda, ["kicad_sch"], "content", "SD";
    KiCadLib = "kicad-library", "KiCad symbols and footprints", Eda, ["kicad_sym" "kicad_mod"], "content", "SD";
    KiCadOther = "kicad-other", "KiCad sheet, rules or netlist", Eda, ["kicad_wks" "kicad_dru"], "content", "SD";
    KiCadProject = "kicad-project", "KiCad project", Eda, ["kicad_pro"], "content", "SD";
    EagleXml = "eagle", "EAGLE design", Eda, [], "root", "D";
    Geda = "geda", "gEDA schematic", Eda, [], "content", "D";
    PcbRnd = "geda-pcb", "gEDA PCB board", Eda, [], "content", "SD";
    PadsAscii = "pads-ascii", "PADS ASCII design", Eda, [], "content", "D";
    OrcadLayout = "orcad-layout", "OrCAD layout", Eda, [], "magic", "P";
    OrcadProject = "orcad-project", "OrCAD project", Eda, ["opj"], "content", "P";
    Fritzing = "fritzing", "Fritzing sketch", Eda, ["fz" "fzz"], "root", "D";
    Spice = "spice", "SPICE netlist", Eda, ["cir" "spi" "ckt"], "content", "SD";
    Blif = "blif", "BLIF netlist", Eda, ["blif"], "content", "SD";
    Lef = "lef", "LEF layout library", Eda, ["lef"], "content", "D";
    Def = "def", "DEF placement", Eda, [], "content", "D";
    Liberty = "liberty", "Liberty timing library", Eda, [], "content", "SD";
    Edif = "edif", "EDIF netlist", Eda, ["edf" "edif" "edn"], "content", "D";
    Ibis = "ibis", "IBIS model", Eda, ["ibs"], "content", "D";
    Touchstone = "touchstone", "Touchstone network data", Eda, ["s1p" "s2p" "s3p" "s4p"], "content", "SD";
    Svf = "svf", "Serial Vector Format", Eda, ["svf"], "content", "D";
    Verilog = "verilog", "Verilog source", Eda, ["v" "sv"], "content", "SD";
    Vhdl = "vhdl", "VHDL source", Eda, ["vhd" "vhdl"], "content", "SD";
    XilinxBit = "xilinx-bit", "FPGA bitstream", Eda, ["bit"], "magic", "D";
    IntelHex = "intel-hex", "Intel HEX firmware", Eda, ["hex" "ihex"], "content", "D";
    Srec = "s-record", "Motorola S-record firmware", Eda, ["srec" "s19" "s28" "s37"], "content", "D";
    Uf2 = "uf2", "UF2 firmware", Eda, ["uf2"], "magic", "D";
    UImage = "u-boot-image", "U-Boot image", Eda, ["uimage"], "magic", "L";
    DeviceTree = "device-tree", "Device tree", Eda, ["dtb"], "magic", "L";
    // Maps and point clouds.
    Shapefile = "shapefile", "Shapefile", Gis, ["shp"], "magic", "SP";
    ShapeIndex = "shapefile-index", "Shapefile index", Gis, [], "magic", "SP";
    ShapeSpatial = "shapefile-spatial-index", "Shapefile spatial index", Gis, ["sbn" "sbx"], "magic", "SP";
    WktPrj = "wkt-crs", "Coordinate reference system (WKT)", Gis, ["prj"], "content", "P";
    GeoTiff = "geotiff", "GeoTIFF", Gis, [], "magic", "D";
    GeoPackage = "geopackage", "GeoPackage", Gis, ["gpkg"], "sqlite", "LD";
    Mbtiles = "mbtiles", "MBTiles", Gis, ["mbtiles"], "sqlite", "LD";
    SpatiaLite = "spatialite", "SpatiaLite database", Gis, [], "sqlite", "D";
    SuperMap = "supermap-udbx", "SuperMap data source", Gis, ["udbx"], "sqlite", "M";
    FileGdb = "filegdb-table", "File geodatabase table", Gis, ["gdbtable" "gdbtablx"], "name", "M";
    Kml = "kml", "KML", Gis, ["kml"], "root", "SP";
    Kmz = "kmz", "KMZ", Gis, ["kmz"], "zip", "P";
    Gml = "gml", "GML", Gis, ["gml"], "root", "D";
    CityGml = "citygml", "CityGML", Gis, [], "root", "D";
    GeoJson = "geojson", "GeoJSON", Gis, ["geojson"], "content", "D";
    TopoJson = "topojson", "TopoJSON", Gis, ["topojson"], "content", "D";
    OsmXml = "osm-xml", "OpenStreetMap XML", Gis, ["osm"], "root", "L";
    OsmPbf = "osm-pbf", "OpenStreetMap PBF", Gis, [], "magic", "L";
    FlatGeobuf = "flatgeobuf", "FlatGeobuf", Gis, ["fgb"], "magic", "L";
    Las = "las", "LAS point cloud", Gis, ["laz"], "magic", "SP";
    E57 = "e57", "E57 point cloud", Gis, ["e57"], "magic", "SP";
    Pcd = "pcd", "PCD point cloud", Gis, ["pcd"], "magic", "L";
    MapInfoTab = "mapinfo-tab", "MapInfo table", Gis, [], "content", "D";
    MapInfoMif = "mapinfo-mif", "MapInfo interchange", Gis, ["mif"], "content", "P";
    MapInfoWor = "mapinfo-workspace", "MapInfo workspace", Gis, ["wor"], "content", "P";
    ArcE00 = "arcinfo-e00", "ArcInfo interchange", Gis, ["e00"], "content", "P";
    EsriAscii = "esri-ascii-grid", "ESRI ASCII grid", Gis, [], "content", "D";
    ArcMap = "arcgis-document", "ArcGIS document", Gis, ["mxd" "sxd"], "ole", "P";
    ArcGisPro = "arcgis-pro", "ArcGIS Pro project", Gis, ["aprx" "ppkx" "lyrx"], "zip", "M";
    Qgis = "qgis", "QGIS project", Gis, ["qgs"], "root", "D";
    Qgz = "qgis-packed", "QGIS project (packed)", Gis, ["qgz"], "zip", "D";
    Gpx = "gpx", "GPX tracks", Gis, ["gpx"], "root", "SD";
    LandXml = "landxml", "LandXML", Gis, [], "root", "D";
    S57 = "iso8211", "ISO 8211 (S-57 charts, SDTS)", Gis, [], "content", "D";
    Nitf = "nitf", "NITF image", Gis, ["ntf" "nitf"], "magic", "P";
    MrSid = "mrsid", "MrSID image", Gis, ["sid"], "magic", "P";
    Dted = "dted", "DTED elevation", Gis, ["dt0" "dt1" "dt2"], "magic", "D";
    EnviHeader = "envi-header", "ENVI header", Gis, [], "content", "D";
    Erdas = "erdas-img", "ERDAS Imagine raster", Gis, [], "magic", "D";
    // Electric power.
    Scl = "iec61850-scl", "IEC 61850 configuration", Power, ["scd" "icd" "cid" "iid" "ssd" "sed"], "root", "S";
    Cim = "iec-cim", "CIM network model", Power, [], "root", "D";
    ComtradeCfg = "comtrade-cfg", "COMTRADE configuration", Power, [], "content", "SD";
    ComtradeCff = "comtrade-cff", "COMTRADE combined file", Power, ["cff"], "content", "SD";
    Pqdif = "pqdif", "PQDIF power quality", Power, ["pqd"], "magic", "D";
    PsseRaw = "psse-raw", "PSS/E case", Power, [], "content", "SD";
    Pscad = "pscad", "PSCAD project", Power, ["pscx" "pswx"], "root", "D";
    PowerFactory = "powerfactory", "PowerFactory project", Power, ["pfd"], "name", "M";
    // Historians.
    PiArchive = "pi-archive", "PI archive", Historian, [], "name", "M";
    Proficy = "proficy-historian", "Proficy historian archive", Historian, ["ihh" "iha" "ihc"], "name", "M";
    InfluxTsm = "influx-tsm", "InfluxDB TSM", Historian, ["tsm"], "magic", "D";
    // Measurements.
    Tdms = "tdms", "TDMS measurement", Measurement, ["tdms"], "magic", "SD";
    TdmsIndex = "tdms-index", "TDMS index", Measurement, ["tdms_index"], "magic", "D";
    Mdf = "asam-mdf", "ASAM MDF measurement", Measurement, ["mf4" "mdf"], "magic", "D";
    Famos = "famos", "FAMOS measurement", Measurement, [], "magic", "D";
    Lvm = "labview-lvm", "LabVIEW measurement", Measurement, ["lvm"], "content", "D";
    Hdf5 = "hdf5", "HDF5", Measurement, ["h5" "hdf5"], "magic", "SP";
    Hdf4 = "hdf4", "HDF4", Measurement, ["hdf" "h4"], "magic", "SP";
    NetCdf = "netcdf", "NetCDF", Measurement, ["nc" "cdf"], "magic", "P";
    Mat5 = "matlab-mat", "MATLAB data", Measurement, ["mat"], "magic", "P";
    Dicom = "dicom", "DICOM", Measurement, ["dcm"], "content", "S";
    Fits = "fits", "FITS", Measurement, ["fits"], "magic", "S";
    Grib = "grib", "GRIB weather data", Measurement, ["grib" "grb" "grib2"], "magic", "SD";
    Bufr = "bufr", "BUFR weather data", Measurement, ["bufr"], "magic", "SD";
    SegY = "seg-y", "SEG-Y seismic data", Measurement, ["segy" "sgy"], "content", "P";
    LasWell = "las-well-log", "LAS well log", Measurement, [], "content", "SP";
    Dlis = "dlis", "DLIS well log", Measurement, ["dlis"], "content", "D";
    Jcamp = "jcamp-dx", "JCAMP-DX spectrum", Measurement, ["jdx" "dx"], "content", "SD";
    Ags4 = "ags4", "AGS ground data", Measurement, ["ags"], "content", "SP";
    Uff = "universal-file", "Universal file (UFF)", Measurement, ["uff" "unv"], "content", "SD";
    NumPy = "numpy", "NumPy array", Measurement, ["npy"], "magic", "D";
    NumPyZip = "numpy-archive", "NumPy arrays (packed)", Measurement, ["npz"], "zip", "D";
    Rosbag = "rosbag", "ROS bag", Measurement, ["bag"], "magic", "D";
    Mcap = "mcap", "MCAP log", Measurement, ["mcap"], "magic", "D";
    ULog = "px4-ulog", "PX4 flight log", Measurement, ["ulg"], "magic", "D";
    Root = "cern-root", "ROOT data", Measurement, ["root"], "magic", "D";
    Spss = "spss", "SPSS data", Measurement, ["sav"], "magic", "P";
    Stata = "stata", "Stata data", Measurement, ["dta"], "magic", "P";
    Sas = "sas", "SAS data", Measurement, ["sas7bdat" "xpt"], "magic", "P";
    RData = "r-data", "R data", Measurement, ["rdata" "rds"], "magic", "SP";
    Origin = "origin", "Origin project", Measurement, ["opju"], "magic", "P";
    Minitab = "minitab", "Minitab worksheet", Measurement, ["mtw" "mpx"], "magic", "P";
    Edf = "edf", "European Data Format", Measurement, [], "magic", "SD";
    // Captures of networks and buses.
    Pcap = "pcap", "Packet capture", Capture, ["pcap"], "magic", "SPL";
    PcapNg = "pcapng", "Packet capture (pcapng)", Capture, ["pcapng"], "magic", "SPL";
    NetMon = "netmon", "Network Monitor capture", Capture, [], "magic", "P";
    Snoop = "snoop", "Snoop capture", Capture, ["snoop"], "magic", "P";
    BtSnoop = "btsnoop", "Bluetooth capture", Capture, [], "magic", "P";
    Blf = "vector-blf", "Vector bus log", Capture, ["blf"], "magic", "D";
    VectorAsc = "vector-asc", "Vector bus log (text)", Capture, [], "content", "D";
    PeakTrc = "peak-trc", "PEAK bus trace", Capture, [], "content", "D";
    CanDump = "candump", "candump log", Capture, [], "content", "D";
    // Simulation.
    Nastran = "nastran", "Nastran model", Cae, ["bdf" "nas"], "content", "SD";
    NastranOp2 = "nastran-op2", "Nastran results", Cae, ["op2"], "content", "D";
    Abaqus = "abaqus", "Abaqus model", Cae, [], "content", "SD";
    LsDyna = "ls-dyna", "LS-DYNA model", Cae, [], "content", "D";
    AnsysCdb = "ansys-apdl", "Ansys APDL input", Cae, ["cdb"], "content", "D";
    Fluent = "fluent", "Fluent case or mesh", Cae, ["cas"], "content", "D";
    Cgns = "cgns", "CGNS (ADF)", Cae, ["cgns"], "magic", "D";
    Gmsh = "gmsh", "Gmsh mesh", Cae, ["msh"], "content", "SD";
    Vtk = "vtk", "VTK data", Cae, ["vtk"], "content", "SD";
    VtkXml = "vtk-xml", "VTK data (XML)", Cae, ["vtu" "vtp" "vti" "vts"], "root", "SD";
    OpenFoam = "openfoam", "OpenFOAM dictionary", Cae, ["foam"], "content", "D";
    Su2 = "su2", "SU2 mesh", Cae, ["su2"], "content", "SD";
    Xdmf = "xdmf", "XDMF", Cae, ["xdmf" "xmf"], "root", "D";
    Epanet = "epanet", "EPANET water network", Cae, [], "content", "SD";
    Modelica = "modelica", "Modelica model", Cae, [], "content", "D";
    Simulink = "simulink", "Simulink model", Cae, ["slx"], "zip", "D";
    SimulinkMdl = "simulink-mdl", "Simulink model (text)", Cae, [], "content", "D";
    Fmu = "fmu", "Functional mock-up unit", Cae, ["fmu"], "zip", "D";
    Comsol = "comsol", "COMSOL model", Cae, ["mph"], "zip", "M";
    LabViewVi = "labview-vi", "LabVIEW program", Cae, ["vi" "ctl" "llb"], "magic", "L";
    LabViewProject = "labview-project", "LabVIEW project", Cae, ["lvproj" "lvlib" "lvclass"], "root", "D";
    Mathcad = "mathcad", "Mathcad document", Cae, ["mcd" "xmcd" "mcdx"], "magic root", "P";
    Mathematica = "mathematica", "Mathematica notebook", Cae, ["nb"], "content", "D";
    // Office.
    Docx = "docx", "Word document", Office, ["docx" "docm" "dotx" "dotm"], "zip", "SP";
    Xlsx = "xlsx", "Excel workbook", Office, ["xlsx" "xlsm" "xltx" "xltm" "xlam"], "zip", "SP";
    Xlsb = "xlsb", "Excel workbook (binary)", Office, ["xlsb"], "zip", "P";
    Pptx = "pptx", "PowerPoint presentation", Office, ["pptx" "pptm" "ppsx" "ppsm" "potx" "potm"], "zip", "SP";
    Vsdx = "vsdx", "Visio drawing", Office, ["vsdx" "vsdm" "vssx" "vstx"], "zip", "P";
    Doc = "doc", "Word document (97-2003)", Office, ["doc" "dot" "wps"], "ole", "SP";
    Xls = "xls", "Excel workbook (97-2003)", Office, ["xls" "xlt" "et"], "ole", "SP";
    Ppt = "ppt", "PowerPoint presentation (97-2003)", Office, ["ppt" "pps" "pot" "dps"], "ole", "SP";
    Vsd = "vsd", "Visio drawing (2003-2010)", Office, ["vsd" "vss" "vst"], "ole", "P";
    Mpp = "mpp", "Project plan", Office, ["mpp"], "ole", "P";
    Publisher = "publisher", "Publisher document", Office, ["pub"], "ole", "P";
    OfficeEncrypted = "office-encrypted", "Office document, encrypted", Office, [], "ole", "P";
    OneNote = "onenote", "OneNote section", Office, ["one"], "magic", "L";
    Odt = "odt", "OpenDocument text", Office, ["odt" "ott"], "zip", "SP";
    Ods = "ods", "OpenDocument spreadsheet", Office, ["ods" "ots"], "zip", "SP";
    Odp = "odp", "OpenDocument presentation", Office, ["odp" "otp"], "zip", "SP";
    Odg = "odg", "OpenDocument drawing", Office, ["odg" "otg" "odc" "odf"], "zip", "SP";
    Odb = "odb-base", "OpenDocument database", Office, ["odb"], "zip", "SP";
    FlatOdf = "flat-odf", "OpenDocument (flat XML)", Office, ["fodt" "fods" "fodp"], "root", "SD";
    OfficeXml = "office-xml", "Office 2003 XML", Office, [], "root", "P";
    Hwp = "hwp", "Hangul document", Office, ["hwp"], "ole", "P";
    Mpx = "mpx", "Project exchange", Office, ["mpx"], "content", "P";
    Primavera = "primavera-xer", "Primavera plan", Office, ["xer"], "content", "P";
    Xmind = "xmind", "XMind map", Office, ["xmind"], "zip", "M";
    DrawIo = "drawio", "draw.io diagram", Office, ["drawio"], "root", "D";
    Csv = "csv", "Comma-separated table", Office, ["csv"], "content", "SD";
    Tsv = "tsv", "Tab-separated table", Office, ["tsv"], "content", "SD";
    // Documents.
    Pdf = "pdf", "PDF", Document, ["pdf"], "magic", "SP";
    PostScript = "postscript", "PostScript", Document, ["ps" "eps"], "magic", "SP";
    Rtf = "rtf", "Rich text", Document, ["rtf"], "magic", "SP";
    Ofd = "ofd", "OFD document (GB/T 33190)", Document, ["ofd"], "zip", "M";
    Xps = "xps", "XPS document", Document, ["xps" "oxps"], "zip", "P";
    Ceb = "ceb", "Founder CEB document", Document, ["ceb" "cebx"], "magic", "M";
    Caj = "caj", "CAJ document", Document, ["caj"], "magic", "M";
    Epub = "epub", "EPUB book", Document, ["epub"], "zip", "P";
    Chm = "chm", "HTML help", Document, ["chm"], "magic", "SL";
    DjVu = "djvu", "DjVu document", Document, ["djvu"], "magic", "P";
    Tex = "tex", "TeX source", Document, ["tex" "sty"], "content", "S";
    Dvi = "dvi", "TeX output", Document, ["dvi"], "magic", "P";
    Roff = "roff", "Manual page", Document, [], "content", "S";
    // Mail and people.
    Pst = "outlook-pst", "Outlook store", Mail, ["pst" "ost"], "magic", "P";
    Msg = "outlook-msg", "Outlook message", Mail, ["msg" "oft"], "ole", "P";
    Dbx = "outlook-express", "Outlook Express store", Mail, ["dbx"], "magic", "P";
    Eml = "email", "E-mail message", Mail, ["eml"], "content", "SD";
    Mbox = "mbox", "Mailbox", Mail, ["mbox"], "content", "SD";
    Tnef = "tnef", "TNEF attachment", Mail, [], "magic", "L";
    VCard = "vcard", "vCard", Mail, ["vcf"], "content", "D";
    ICalendar = "icalendar", "iCalendar", Mail, ["ics"], "content", "SD";
    Nsf = "lotus-nsf", "Notes database", Mail, ["nsf"], "magic", "L";
    Ldif = "ldif", "LDAP export", Mail, ["ldif"], "content", "D";
    // Archives and installers.
    SevenZip = "7z", "7-Zip archive", Archive, ["7z"], "magic", "SP";
    Rar = "rar", "RAR archive", Archive, ["rar"], "magic", "SP";
    Bzip2 = "bzip2", "bzip2", Archive, ["bz2"], "magic", "SP";
    Xz = "xz", "xz", Archive, ["xz"], "magic", "S";
    Zstd = "zstd", "Zstandard", Archive, ["zst"], "magic", "SD";
    Lz4 = "lz4", "LZ4", Archive, ["lz4"], "magic", "SD";
    Lzip = "lzip", "lzip", Archive, ["lz"], "magic", "L";
    UnixZ = "compress", "Unix compress", Archive, [], "magic", "P";
    Cab = "cab", "Cabinet", Archive, ["cab"], "magic", "SP";
    Arj = "arj", "ARJ archive", Archive, ["arj"], "magic", "SP";
    Lha = "lha", "LHA archive", Archive, ["lzh" "lha"], "magic", "P";
    Ar = "ar", "ar archive", Archive, ["a"], "magic", "S";
    Deb = "deb", "Debian package", Archive, ["deb"], "magic", "D";
    Rpm = "rpm", "RPM package", Archive, ["rpm"], "magic", "SP";
    Cpio = "cpio", "cpio archive", Archive, ["cpio"], "magic", "P";
    Wim = "wim", "Windows image", Archive, ["wim"], "magic", "L";
    Xar = "xar", "xar archive", Archive, ["xar"], "magic", "P";
    Jar = "jar", "Java archive", Archive, ["jar" "war" "ear"], "zip", "SP";
    Apk = "apk", "Android package", Archive, ["apk"], "zip", "D";
    Nupkg = "nupkg", "NuGet package", Archive, ["nupkg"], "zip", "D";
    Wheel = "python-wheel", "Python wheel", Archive, ["whl"], "zip", "S";
    Msi = "msi", "Windows installer", Archive, ["msi" "msp"], "ole", "L";
    MsTape = "ms-tape", "Microsoft tape format (SQL Server or NT backup)", Archive, ["bkf"], "magic", "L";
    // Disks and machines.
    Iso9660 = "iso9660", "CD/DVD image", Disk, ["iso"], "content", "SP";
    Vmdk = "vmdk", "VMware disk", Disk, ["vmdk"], "magic", "SL";
    Vdi = "vdi", "VirtualBox disk", Disk, ["vdi"], "content", "L";
    Vhd = "vhd", "Virtual PC disk", Disk, [], "magic", "L";
    Vhdx = "vhdx", "Hyper-V disk", Disk, ["vhdx"], "magic", "L";
    Qcow2 = "qcow2", "QEMU disk", Disk, ["qcow2" "qcow"], "magic", "L";
    Ova = "ova", "Virtual machine package", Disk, ["ova"], "tar", "D";
    Ovf = "ovf", "Virtual machine description", Disk, ["ovf"], "root", "D";
    Squashfs = "squashfs", "SquashFS image", Disk, ["squashfs"], "magic", "L";
    Ext = "ext-filesystem", "ext2/3/4 file system", Disk, [], "content", "SL";
    Ntfs = "ntfs", "NTFS volume", Disk, [], "magic", "L";
    Fat = "fat", "FAT volume", Disk, [], "content", "SL";
    BitLocker = "bitlocker", "BitLocker volume", Disk, [], "magic", "L";
    Luks = "luks", "LUKS volume", Disk, [], "magic", "L";
    E01 = "ewf", "EnCase image", Disk, ["e01"], "magic", "L";
    Dmg = "dmg", "Apple disk image", Disk, ["dmg"], "tail", "L";
    Mbr = "disk-image", "Disk image with a partition table", Disk, [], "content", "SL";
    // Databases.
    AccessMdb = "access-mdb", "Access database (Jet)", Database, ["mdb" "mda"], "magic", "SP";
    Accdb = "access-accdb", "Access database (ACE)", Database, ["accdb"], "magic", "P";
    Dbf = "dbase", "dBase table", Database, ["dbf"], "content", "S";
    FoxPro = "foxpro", "FoxPro table or container", Database, ["dct"], "content", "SP";
    Paradox = "paradox", "Paradox table", Database, [], "content", "P";
    FileMaker = "filemaker", "FileMaker database", Database, ["fp7" "fmp12"], "magic", "P";
    Parquet = "parquet", "Parquet table", Database, ["parquet"], "magic", "SD";
    Orc = "orc", "ORC table", Database, ["orc"], "magic", "D";
    Avro = "avro", "Avro records", Database, ["avro"], "magic", "SD";
    Arrow = "arrow", "Arrow records", Database, ["arrow" "feather"], "magic", "D";
    OracleExp = "oracle-export", "Oracle export", Database, [], "content", "D";
    OracleDatafile = "oracle-datafile", "Oracle data file", Database, [], "content", "M";
    MssqlMdf = "mssql-mdf", "SQL Server data file", Database, ["ndf"], "content", "M";
    MysqlIbd = "mysql-ibd", "InnoDB tablespace", Database, ["ibd"], "content", "D";
    MysqlFrm = "mysql-frm", "MySQL table definition", Database, [], "content", "P";
    MysqlMyi = "mysql-myi", "MyISAM index", Database, ["myi"], "magic", "L";
    MysqlBinlog = "mysql-binlog", "MySQL binary log", Database, [], "magic", "L";
    PgDump = "postgres-dump", "PostgreSQL dump (custom)", Database, [], "magic", "L";
    SqlDump = "sql-dump", "SQL dump", Database, [], "content", "SD";
    SqliteWal = "sqlite-wal", "SQLite write-ahead log", Database, [], "magic", "L";
    RedisRdb = "redis-rdb", "Redis dump", Database, ["rdb"], "magic", "L";
    Ese = "ese", "ESE database", Database, ["edb" "dit"], "content", "L";
    BerkeleyDb = "berkeley-db", "Berkeley DB", Database, [], "content", "L";
    Gdbm = "gdbm", "GNU dbm", Database, ["gdbm"], "magic", "SL";
    Siard = "siard", "SIARD database archive", Database, ["siard"], "zip", "P";
    // Operating systems.
    Evtx = "evtx", "Windows event log", System, ["evtx"], "magic", "D";
    Evt = "evt", "Windows event log (XP)", System, ["evt"], "content", "L";
    Regf = "registry-hive", "Windows registry hive", System, ["hve"], "magic", "D";
    RegExport = "registry-export", "Windows registry export", System, ["reg"], "content", "D";
    Lnk = "lnk", "Windows shortcut", System, ["lnk"], "magic", "SD";
    Prefetch = "prefetch", "Windows prefetch", System, ["pf"], "content", "L";
    Minidump = "minidump", "Windows minidump", System, ["mdmp"], "magic", "L";
    CrashDump = "crash-dump", "Windows crash dump", System, [], "magic", "L";
    ThumbsDb = "thumbs-db", "Windows thumbnails", System, [], "ole", "P";
    JumpList = "jump-list", "Windows jump list", System, ["automaticdestinations-ms"], "ole", "L";
    Journal = "systemd-journal", "systemd journal", System, ["journal"], "magic", "L";
    Gettext = "gettext-mo", "Message catalogue", System, ["mo" "gmo"], "magic", "S";
    TzFile = "tzfile", "Time zone data", System, [], "magic", "S";
    Terminfo = "terminfo", "Terminal description", System, [], "content", "S";
    Pyc = "python-bytecode", "Python bytecode", System, ["pyc"], "content", "S";
    Pickle = "python-pickle", "Python pickle", System, ["pkl" "pickle"], "content", "SL";
    GitPack = "git-pack", "Git pack", System, [], "magic", "S";
    GitIndex = "git-index", "Git index or pack index", System, [], "magic", "D";
    // Images.
    Png = "png", "PNG image", Image, ["png"], "magic", "SP";
    Jpeg = "jpeg", "JPEG image", Image, ["jpg" "jpeg"], "magic", "SP";
    Gif = "gif", "GIF image", Image, ["gif"], "magic", "SP";
    Bmp = "bmp", "Bitmap", Image, ["bmp" "dib"], "content", "SP";
    Tiff = "tiff", "TIFF image", Image, ["tif" "tiff"], "magic", "SP";
    Webp = "webp", "WebP image", Image, ["webp"], "magic", "SD";
    Ico = "ico", "Icon or cursor", Image, ["ico" "cur"], "content", "SP";
    Psd = "psd", "Photoshop image", Image, ["psd" "psb"], "magic", "SP";
    Svg = "svg", "SVG drawing", Image, ["svg"], "root", "SP";
    Emf = "emf", "Enhanced metafile", Image, ["emf"], "content", "SP";
    Wmf = "wmf", "Windows metafile", Image, ["wmf"], "magic", "SP";
    Heif = "heif", "HEIF or AVIF image", Image, ["heic" "heif" "avif"], "content", "SD";
    Jp2 = "jpeg2000", "JPEG 2000", Image, ["jp2" "j2k" "jpx"], "magic", "P";
    Jxl = "jpeg-xl", "JPEG XL", Image, ["jxl"], "magic", "L";
    Exr = "openexr", "OpenEXR image", Image, ["exr"], "magic", "P";
    Dpx = "dpx", "DPX or Cineon image", Image, ["dpx" "cin"], "magic", "P";
    Dds = "dds", "DirectDraw texture", Image, ["dds"], "magic", "P";
    Pcx = "pcx", "PCX image", Image, ["pcx"], "content", "SP";
    Pnm = "netpbm", "Netpbm image", Image, ["pbm" "pgm" "ppm" "pnm" "pam"], "content", "SP";
    Xcf = "xcf", "GIMP image", Image, ["xcf"], "magic", "SP";
    Cdr = "coreldraw", "CorelDRAW drawing", Image, ["cdr"], "magic", "P";
    Icns = "icns", "Apple icons", Image, ["icns"], "magic", "SP";
    Icc = "icc", "Colour profile", Image, ["icc" "icm"], "content", "SL";
    Xbm = "xbm", "X bitmap", Image, ["xbm"], "content", "SP";
    Xpm = "xpm", "X pixmap", Image, ["xpm"], "content", "SP";
    Tga = "tga", "Targa image", Image, ["tga"], "tail", "SP";
    // Sound and film.
    Mp3 = "mp3", "MP3 sound", Media, ["mp3"], "content", "SP";
    Wav = "wav", "WAVE sound", Media, ["wav"], "magic", "SP";
    Avi = "avi", "AVI film", Media, ["avi"], "magic", "SP";
    Riff = "riff", "RIFF container", Media, [], "magic", "SP";
    Ogg = "ogg", "Ogg", Media, ["ogg" "oga" "ogv" "opus"], "magic", "SP";
    Flac = "flac", "FLAC sound", Media, ["flac"], "magic", "SP";
    Mp4 = "mp4", "MPEG-4 / QuickTime", Media, ["mp4" "m4a" "m4v" "mov" "3gp"], "content", "SP";
    Matroska = "matroska", "Matroska / WebM", Media, ["mkv" "webm" "mka"], "magic", "SP";
    Flv = "flv", "Flash film", Media, ["flv"], "magic", "SP";
    Asf = "asf", "Windows Media", Media, ["asf" "wma" "wmv"], "magic", "SP";
    MpegPs = "mpeg-ps", "MPEG programme stream", Media, ["mpg" "mpeg" "vob"], "magic", "SP";
    MpegTs = "mpeg-ts", "MPEG transport stream", Media, ["m2ts"], "content", "SP";
    Aiff = "aiff", "AIFF sound", Media, ["aif" "aiff"], "magic", "SP";
    Au = "au", "Sun sound", Media, ["au" "snd"], "magic", "SP";
    Midi = "midi", "MIDI", Media, ["mid" "midi"], "magic", "SP";
    Swf = "swf", "Flash", Media, ["swf"], "content", "SP";
    RealMedia = "realmedia", "RealMedia", Media, ["rm" "rmvb"], "magic", "SP";
    // Programs.
    Pe = "pe", "Windows program", Executable, ["exe" "dll" "sys" "ocx"], "magic", "SP";
    DosExe = "dos-exe", "DOS program", Executable, [], "magic", "SP";
    Elf = "elf", "ELF program", Executable, ["so" "elf"], "magic", "S";
    MachO = "mach-o", "macOS program", Executable, ["dylib"], "magic", "SP";
    JavaClass = "java-class", "Java class", Executable, ["class"], "content", "SP";
    Dex = "dex", "Android program", Executable, ["dex"], "magic", "D";
    Wasm = "wasm", "WebAssembly", Executable, ["wasm"], "magic", "SD";
    LlvmBc = "llvm-bitcode", "LLVM bitcode", Executable, ["bc"], "magic", "SL";
    // Keys.
    PemPrivate = "pem-private-key", "Private key (PEM)", Key, [], "content", "SD";
    PemCert = "pem-certificate", "Certificate (PEM)", Key, ["pem"], "content", "S";
    PemOther = "pem-other", "Other PEM object", Key, [], "content", "SD";
    DerCert = "der-certificate", "Certificate (DER)", Key, ["cer" "crt" "der"], "content", "SD";
    Pkcs12 = "pkcs12", "PKCS#12 key store", Key, ["p12" "pfx"], "content", "SD";
    Pkcs8Der = "der-private-key", "Private key (DER)", Key, ["pk8"], "content", "SD";
    Pkcs7 = "pkcs7", "PKCS#7 / CMS", Key, ["p7b" "p7s" "p7m"], "content", "D";
    Jks = "java-keystore", "Java key store", Key, ["jks" "keystore"], "magic", "SD";
    SshPublic = "ssh-public-key", "SSH public key", Key, [], "content", "D";
    PuttyKey = "putty-key", "PuTTY private key", Key, ["ppk"], "content", "D";
    PgpArmour = "pgp-armour", "OpenPGP armour", Key, [], "content", "SD";
    PgpBinary = "pgp-binary", "OpenPGP key ring", Key, ["gpg" "pgp"], "content", "S";
    Kdbx = "keepass", "KeePass database", Key, ["kdbx" "kdb"], "magic", "L";
    Age = "age-encrypted", "age encrypted file", Key, ["age"], "magic", "D";
    OpensslEnc = "openssl-salted", "OpenSSL encrypted file", Key, [], "magic", "L";
    AnsibleVault = "ansible-vault", "Ansible vault", Key, [], "content", "D";
    Keytab = "kerberos-keytab", "Kerberos keytab", Key, ["keytab"], "name", "D";
    // Configuration and marked-up text.
    Json = "json", "JSON", Config, ["json"], "content", "S";
    JsonLines = "json-lines", "JSON lines", Config, ["jsonl" "ndjson"], "content", "SD";
    Yaml = "yaml", "YAML", Config, ["yaml" "yml"], "content", "S";
    Toml = "toml", "TOML", Config, ["toml"], "content", "S";
    Ini = "ini", "INI settings", Config, ["ini"], "content", "S";
    PlistBinary = "plist-binary", "Property list (binary)", Config, [], "magic", "SP";
    Plist = "plist", "Property list", Config, ["plist"], "root", "SP";
    NetworkConfig = "network-config", "Switch or router configuration", Config, [], "content", "D";
    MsBuild = "msbuild", "MSBuild project", Config, ["csproj" "vcxproj"], "root", "SD";
    Html = "html", "HTML", Markup, ["html" "htm"], "content", "S";
    Xslt = "xslt", "XSL stylesheet", Markup, ["xsl" "xslt"], "root", "SD";
    Xsd = "xsd", "XML schema", Markup, ["xsd"], "root", "S";
    Rss = "rss", "Feed", Markup, [], "root", "SD";
    Wsdl = "wsdl", "WSDL", Markup, ["wsdl"], "root", "D";
    Rdf = "rdf-xml", "RDF/XML", Markup, ["rdf" "owl"], "root", "SD";
    Diff = "diff", "Patch", Source, ["diff" "patch"], "content", "S";
    // Fonts.
    Ttf = "truetype", "TrueType font", Font, ["ttf" "ttc"], "magic", "SP";
    Otf = "opentype", "OpenType font", Font, ["otf"], "magic", "SP";
    Woff = "woff", "Web font", Font, ["woff" "woff2"], "magic", "P";
    Type1 = "type1", "Type 1 font", Font, ["pfb" "pfa" "afm"], "magic", "S";
    Pcf = "pcf", "X font", Font, ["pcf"], "magic", "L";
    Bdf = "bdf", "BDF font", Font, [], "content", "L";
    // Source text.
    C = "c", "C or C++ source", Source, ["c" "h" "cc" "cpp" "cxx" "hpp"], "content", "S";
    CSharp = "csharp", "C# source", Source, ["cs"], "content", "SD";
    Java = "java", "Java source", Source, ["java"], "content", "SD";
    JavaScript = "javascript", "JavaScript or TypeScript source", Source, ["js" "mjs" "ts" "jsx" "tsx"], "content", "SD";
    Go = "go", "Go source", Source, ["go"], "content", "SD";
    Rust = "rust", "Rust source", Source, ["rs"], "content", "S";
    Python = "python", "Python source", Source, ["py" "pyw"], "content", "S";
    Shell = "shell", "Shell script", Source, ["sh" "bash"], "content", "S";
    PowerShell = "powershell", "PowerShell script", Source, ["ps1" "psm1"], "content", "SD";
    Batch = "batch", "Windows batch", Source, ["bat" "cmd"], "content", "SD";
    VisualBasic = "visual-basic", "Visual Basic source", Source, ["vb" "bas" "vbs"], "content", "SD";
    Php = "php", "PHP source", Source, ["php"], "content", "SD";
    Perl = "perl", "Perl source", Source, ["pl" "pm"], "content", "S";
    Ruby = "ruby", "Ruby source", Source, ["rb"], "content", "D";
    Lua = "lua", "Lua source", Source, ["lua"], "content", "D";
    Tcl = "tcl", "Tcl source", Source, ["tcl"], "content", "SD";
    Pascal = "pascal", "Pascal or Delphi source", Source, ["pas"], "content", "SD";
    Fortran = "fortran", "Fortran source", Source, ["f" "f90"], "content", "D";
    Css = "css", "CSS", Source, ["css"], "content", "SD";
    Script = "script", "Script with an interpreter line", Source, [], "content", "S";
    Makefile = "makefile", "Makefile", Source, ["mk"], "content", "S";
}
