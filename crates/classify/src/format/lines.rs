//! Texts by what their lines begin with: every sign votes for a format, and a clear majority of different signs decides.
//!
//! One table for simulation inputs, robot and machine programs, hardware and software languages. A sign counts at most three times, so
//! that a long list of one kind of line is not taken for a language; comments and blank lines say nothing.

use super::Found;
use super::bytes::{first, has};
use super::prefix::Prefixes;
use super::rows::lines;
use super::table::Id::{self, *};
use super::table::{Family, KNOWN};

/// Votes that are enough, and how many times more than the next best.
const VOTES_MIN: u16 = 6;
const LEAD_MIN: u16 = 2;
/// Different signs that must speak.
const KINDS_MIN: u16 = 2;
/// A weight that common words do not have; one sign of it must be there.
const STRONG_MIN: u16 = 3;
/// Families whose files are quoted in the tests of their tools, and how many signs betray the tool's language.
const CARRIED: [Family; 5] = [Family::Plc, Family::Fieldbus, Family::Robot, Family::Cae, Family::Cnc];
const CARRIER_KINDS_MIN: u16 = 3;
/// How often one sign counts.
const REPEATS_MAX: u8 = 3;
/// More formats than the two tables have.
const TOUCHED_MAX: usize = 96;
/// Lines that are looked at.
const LINES_MAX: usize = 400;
/// One line in so many, comments and rows of numbers left out, must speak for the format: prose about a language is not in it.
const LINES_PER_VOTE_MAX: u16 = 12;
/// Longest sign without regard to case. Bytes.
const CASELESS_BYTES_MAX: usize = 24;

/// A word at the beginning of a line, the format it votes for, its weight.
type Sign = (&'static [u8], Id, u16);
/// The word again, and its number, format and weight.
type Vote = (&'static [u8], (u16, Id, u16));

macro_rules! signs {
    ($($id:ident: $($weight:literal [$($word:literal)+])+;)+) => { &[$($($(($word, $id, $weight),)+)+)+] };
}
#[rustfmt::skip]
const CASED: &[Sign] = signs! {
    Iec61131: 4 [b"FUNCTION_BLOCK " b"END_FUNCTION_BLOCK" b"END_PROGRAM" b"END_VAR" b"VAR_INPUT" b"VAR_OUTPUT" b"VAR_IN_OUT" b"VAR_GLOBAL" b"VAR_TEMP" b"VAR_EXTERNAL"]
        3 [b"END_FUNCTION" b"END_STRUCT" b"END_TYPE" b"END_CASE" b"END_METHOD" b"END_INTERFACE"] 2 [b"PROGRAM " b"END_IF" b"END_FOR" b"{attribute '"] 1 [b"VAR\r" b"TYPE "];
    SiemensS7Source: 6 [b"ORGANIZATION_BLOCK " b"{ S7_" b"END_ORGANIZATION_BLOCK" b"END_DATA_BLOCK"] 4 [b"DATA_BLOCK " b"TITLE ="] 3 [b"NETWORK" b"VERSION :"];
    RockwellL5k: 4 [b"CONTROLLER " b"END_CONTROLLER" b"END_MODULE" b"END_DATATYPE" b"END_TAG" b"END_ROUTINE" b"IE_VER"] 2 [b"DATATYPE " b"ROUTINE " b"RC:" b"N: "];
    CanDbc: 4 [b"BO_ " b"SG_ " b"BU_:" b"BA_DEF_" b"CM_ SG_" b"VAL_ " b"NS_ :" b"BO_TX_BU_"];
    A2l: 4 [b"/begin MODULE" b"/begin CHARACTERISTIC" b"/begin MEASUREMENT" b"/begin COMPU_METHOD" b"/begin PROJECT" b"/begin HEADER" b"/end "];
    LinLdf: 3 [b"LIN_protocol_version" b"LIN_language_version" b"LIN_speed" b"Nodes {" b"Signals {" b"Frames {"];
    KukaSrc: 4 [b"&ACCESS" b"&REL " b"&PARAM" b"PTP " b"LIN " b";FOLD " b";ENDFOLD" b"BAS (#" b"BAS(#" b"DEFDAT " b"ENDDAT"] 2 [b"DEF " b"DECL " b"CIRC " b"E6POS " b"WAIT SEC"];
    AbbRapid: 4 [b"ENDMODULE" b"ENDPROC" b"MoveJ " b"MoveL " b"MoveAbsJ " b"CONST robtarget" b"PERS " b"LOCAL PROC" b"TASK PERS" b"PERS tooldata" b"VAR robtarget"] 3 [b"PROC "] 2 [b"MODULE " b"ENDIF" b"ENDFOR"];
    FanucLs: 4 [b"/PROG" b"/ATTR" b"/MN" b"/POS" b"/APPL"];
    YaskawaJbi: 4 [b"/JOB" b"//NAME" b"//POS" b"//INST" b"///NPOS" b"///TOOL" b"///USER" b"MOVJ " b"MOVL "];
    UrScript: 4 [b"movej(" b"movel(" b"movep(" b"set_digital_out(" b"set_tcp(" b"set_standard_digital_out(" b"set_payload(" b"stopj(" b"stopl(" b"speedl(" b"rtde_"];
    Heidenhain: 4 [b"TOOL CALL " b"CYCL DEF " b"BLK FORM " b"END PGM " b"BEGIN PGM " b"CALL LBL "];
    AptCl: 4 [b"GOTO/" b"LOADTL/" b"SPINDL/" b"FEDRAT/" b"CUTTER/" b"PARTNO" b"MULTAX" b"COOLNT/" b"MACHIN/" b"PAINT/" b"TLDATA/"];
    Nastran: 4 [b"CEND" b"BEGIN BULK" b"ENDDATA" b"CQUAD4" b"CTRIA3" b"CTETRA" b"CHEXA" b"CBAR" b"CBEAM" b"CROD" b"PSHELL" b"PSOLID" b"PBAR" b"CORD2R" b"RBE2" b"RBE3" b"SPC1" b"CONM2" b"EIGRL" b"MAT1"
        b"GRID," b"GRID   " b"GRID*" b"FORCE," b"FORCE   " b"SPC=" b"SPCFORCES" b"SPCADD"]
        2 [b"SUBCASE" b"DISPLACEMENT" b"SOL " b"PARAM," b"LOAD=" b"LOAD =" b"ECHO" b"MPC"];
    LsDyna: 5 [b"*KEYWORD" b"*CONTROL_" b"*SECTION_" b"*MAT_" b"*DATABASE_" b"*ELEMENT_SHELL" b"*ELEMENT_SOLID" b"*BOUNDARY_" b"*DEFINE_CURVE" b"*CONTACT_" b"*SET_NODE"] 2 [b"*NODE" b"*PART" b"*END" b"*TITLE"];
    AnsysCdb: 4 [b"/PREP7" b"NBLOCK," b"EBLOCK," b"CMBLOCK," b"ET," b"MPDATA," b"MPTEMP," b"KEYOP," b"*DIM," b"/SOLU" b"RLBLOCK," b"/COM," b"/TITLE," b"ANTYPE," b"MP," b"NUMOFF," b"DOFSEL"];
    OpenFoam: 3 [b"FoamFile" b"dimensions " b"internalField " b"boundaryField"];
    Spice: 4 [b".subckt" b".SUBCKT" b".ends" b".ENDS" b".model" b".MODEL" b".tran" b".TRAN" b".include" b".INCLUDE" b".lib " b".LIB " b".ac " b".AC " b".param" b".PARAM"] 2 [b".end" b".END" b".dc " b".op" b".options"];
    Blif: 4 [b".inputs" b".outputs" b".names" b".latch" b".gate" b".clock"];
    Lef: 4 [b"BUSBITCHARS" b"DIVIDERCHAR" b"MANUFACTURINGGRID" b"END LIBRARY" b"END MACRO"] 3 [b"MACRO " b"LAYER " b"SITE "] 1 [b"VERSION 5" b"PIN " b"RECT " b"UNITS"];
    Def: 4 [b"DIEAREA" b"COMPONENTS " b"END COMPONENTS" b"TRACKS " b"ROW " b"SPECIALNETS " b"END DESIGN" b"NETS "] 3 [b"DESIGN "] 1 [b"VERSION 5" b"UNITS DISTANCE"];
    Liberty: 4 [b"library (" b"library(" b"delay_model" b"lu_table_template" b"time_unit " b"nom_voltage" b"capacitive_load_unit" b"cell (" b"cell(" b"leakage_power_unit" b"operating_conditions" b"nom_process"];
    Svf: 4 [b"TRST " b"ENDIR " b"ENDDR " b"HIR " b"TIR " b"HDR " b"TDR " b"SIR " b"SDR " b"RUNTEST " b"FREQUENCY " b"STATE "];
    Verilog: 4 [b"endmodule" b"`timescale" b"always @" b"always_ff" b"always_comb" b"`default_nettype"] 3 [b"module " b"assign "] 2 [b"input " b"output " b"wire " b"reg " b"localparam" b"parameter" b"logic " b"inout "];
    Su2: 4 [b"NDIME=" b"NELEM=" b"NPOIN=" b"NMARK=" b"MARKER_TAG="];
    EpicsDb: 4 [b"record(" b"field("];
    Tcl: 4 [b"package require " b"namespace eval" b"proc " b"package provide" b"::msgcat::" b"namespace import" b"msgcat::mcset"] 2 [b"set " b"variable " b"bind " b"pack " b"puts " b"foreach "] 1 [b"if {" b"global "];
    Modelica: 4 [b"annotation(" b"annotation (" b"extends Modelica" b"end equation" b"Modelica."] 2 [b"equation" b"parameter Real" b"model " b"within "];
    C: 4 [b"#include <" b"#include \"" b"extern \"C\"" b"int main(" b"using namespace" b"template<" b"template <" b"#pragma once"] 2 [b"#define " b"#ifndef " b"#ifdef " b"#endif" b"#if " b"typedef " b"struct " b"static " b"void " b"extern " b"namespace " b"int "] 1 [b"enum " b"union " b"const " b"class " b"unsigned " b"char " b"#else" b"public:" b"private:"];
    CSharp: 4 [b"using System" b"using Microsoft." b"public partial class" b"internal class " b"#region" b"public sealed " b"[assembly:" b"[Serializable" b"#endregion" b"public override "] 2 [b"namespace " b"using " b"public class " b"public static " b"private readonly " b"internal "] 1 [b"public " b"private "];
    Java: 4 [b"import java" b"package com." b"package org." b"public class " b"@Override" b"public interface " b"import static " b"import org." b"import com."] 2 [b"package " b"private final " b"public static " b"private static " b"public final class"] 1 [b"public " b"private " b"import " b"protected "];
    JavaScript: 4 [b"export default" b"export const " b"export function " b"export class" b"module.exports" b"'use strict'" b"\"use strict\"" b"import {" b"import * as" b"export {" b"export interface" b"export type " b"export * from" b"exports." b"Object.defineProperty(exports" b"export declare" b"export async"]
        2 [b"const " b"let " b"var " b"function " b"async function" b"require(" b"class " b"interface " b"declare " b"return "] 1 [b"import " b"if ("];
    Go: 4 [b"package main" b"import (" b"func (" b"func Test"] 3 [b"func " b"package "] 2 [b"type "] 1 [b"defer " b"import \""];
    Rust: 4 [b"use std::" b"use crate::" b"pub fn " b"impl<" b"#![" b"#[derive(" b"#[test]" b"pub struct " b"pub enum " b"pub(crate) " b"pub mod " b"use super::" b"#[cfg(" b"pub use " b"macro_rules!" b"pub trait " b"extern crate"] 3 [b"impl " b"let mut " b"#["] 2 [b"fn " b"use " b"mod " b"let " b"pub " b"match " b"unsafe "] 1 [b"struct " b"enum " b"trait "];
    Python: 4 [b"def __init__(" b"if __name__ ==" b"from __future__" b"import os" b"import sys" b"import numpy" b"@property" b"elif " b"__all__" b"@classmethod" b"@staticmethod" b"import re" b"import unittest" b"except "] 3 [b"def " b"from ."] 2 [b"from " b"import " b"raise " b"self." b"class " b"try:" b"\"\"\"" b"with " b"else:"] 1 [b"return " b"for " b"if "];
    Shell: 4 [b"fi" b"esac" b"elif [" b"if [ " b"if [[ " b"set -e" b"export PATH" b"if test "] 3 [b"done" b"then"] 2 [b"echo " b"local " b"export " b"case "] 1 [b"exit " b"source " b". /" b"else" b"shift" b"for "];
    Perl: 4 [b"use strict;" b"use warnings;" b"my $" b"my (" b"my @" b"my %" b"=head1" b"=cut" b"our $" b"use vars" b"our @"] 3 [b"sub " b"use "] 2 [b"package " b"=over" b"=item" b"=pod" b"=encoding" b"=back"] 1 [b"1;" b"__END__" b"push @" b"if ("];
    Ruby: 4 [b"require '" b"require \"" b"require_relative" b"attr_reader" b"attr_accessor" b"# frozen_string_literal" b"module_function" b"describe " b"gem '"] 3 [b"end"] 2 [b"def " b"module " b"class " b"puts "] 1 [b"include " b"raise "];
    Lua: 4 [b"local function " b"elseif "] 3 [b"local "] 2 [b"function " b"end" b"return "] 1 [b"if "];
    Makefile: 4 [b".PHONY:" b"all:" b"ifeq (" b"ifneq (" b"$(CC)" b"clean:" b"install:" b"include $(" b"ifdef " b"endef" b"CFLAGS" b"obj-$(CONFIG" b"obj-y" b"LDFLAGS" b"SUBDIRS"] 2 [b"endif" b"@echo" b"$(" b"else"];
    Tex: 5 [b"\\begin{" b"\\end{" b"\\usepackage" b"\\section" b"\\documentclass" b"\\newcommand" b"\\def\\" b"\\ProvidesPackage" b"\\NeedsTeXFormat" b"\\RequirePackage" b"\\chapter" b"\\RequirePackage" b"\\input" b"\\item"];
    Roff: 4 [b".TH " b".SH " b".PP" b".TP" b".Dd " b".Sh " b".IP " b".\\\""];
    Css: 3 [b"@media " b"@import " b"@font-face" b"color:" b"background" b"margin" b"padding" b"font-" b"display:" b"border" b"width:" b"height:" b"text-align" b"@charset" b"position:" b"line-height"] 2 [b"body" b"a:hover" b".container" b":root"];
};
/// Lower case; compared without regard to case.
#[rustfmt::skip]
const CASELESS: &[Sign] = signs! {
    Abaqus: 6 [b"*element, type" b"*element,type"] 4 [b"*nset" b"*elset" b"*step" b"*end step" b"*boundary" b"*solid section" b"*shell section" b"*elastic" b"*density" b"*output" b"*preprint" b"*assembly" b"*end assembly" b"*instance" b"*restart" b"*heading" b"*end part" b"*static" b"*dload" b"*cload" b"*surface"] 6 [b"*node, nset" b"*node,nset"] 3 [b"*node" b"*material" b"*part, name"];
    Vhdl: 4 [b"library ieee" b"use ieee." b"architecture " b"end architecture" b"port map" b"end entity" b"use work." b"end process" b"signal "] 3 [b"entity " b"port (" b"port("] 2 [b"begin" b"component " b"process" b"end component" b"generic"];
    SqlDump: 4 [b"create table" b"insert into" b"drop table" b"alter table" b"create index" b"create unique index" b"create view" b"create database" b"lock tables" b"create or replace" b"create procedure" b"create function"] 2 [b"select " b"values" b"set @" b"primary key" b"where " b"begin transaction" b"commit;" b"go\r"];
    Batch: 5 [b"@echo off" b"setlocal" b"if errorlevel" b"if not exist" b"goto :" b"endlocal" b"if \"%" b"for %%" b"exit /b"] 3 [b"goto " b"rem " b"set " b"if exist" b"call " b"::"] 1 [b"echo " b"pause" b"cd "];
    PowerShell: 5 [b"param(" b"param (" b"[cmdletbinding" b"write-host" b"$erroractionpreference" b"import-module" b"[parameter(" b"get-childitem" b"write-output" b".synopsis" b"write-verbose" b"#requires"] 2 [b"function " b"try {" b"foreach ("] 1 [b"$"];
    VisualBasic: 4 [b"attribute vb_" b"option explicit" b"end sub" b"end function" b"public sub " b"private sub " b"end if" b"on error " b"public function" b"private function" b"imports system" b"end class"] 2 [b"dim " b"set " b"sub " b"function " b"const " b"loop" b"next"];
    Pascal: 4 [b"implementation" b"end." b"{$mode"] 3 [b"procedure " b"uses "] 2 [b"begin" b"end;" b"unit "] 1 [b"function " b"interface"];
    Fortran: 4 [b"subroutine " b"implicit none" b"end subroutine" b"end module" b"end program" b"use iso_fortran" b"double precision" b"intent("] 3 [b"integer ::" b"real ::" b"integer, " b"character(" b"real(" b"call "] 2 [b"program " b"module " b"contains" b"end if" b"enddo" b"end do"];
};

/// The two tables with a number for each sign, so that repeats can be counted.
const fn numbered<const N: usize>(signs: &[Sign], from: usize) -> [(&'static [u8], Vote); N] {
    let mut rows = [(signs[0].0, (signs[0].0, (0, signs[0].1, 0))); N];
    let mut i = 0;
    while i < N {
        rows[i] = (signs[i].0, (signs[i].0, ((from + i) as u16, signs[i].1, signs[i].2)));
        i += 1;
    }
    rows
}
static BY_CASE: Prefixes<Vote, { CASED.len() }> = Prefixes::new(&numbered::<{ CASED.len() }>(CASED, 0));
static ANY_CASE: Prefixes<Vote, { CASELESS.len() }> =
    Prefixes::new(&numbered::<{ CASELESS.len() }>(CASELESS, CASED.len()));

/// What speaks for one format.
#[derive(Clone, Copy, Default)]
struct Count {
    votes: u16,
    lines: u16,
    /// Different signs.
    kinds: u16,
    /// One of them is of more than common words.
    strong: bool,
}
/// The counts, and which of them are not zero.
struct Tally {
    counts: [Count; KNOWN],
    touched: [Id; TOUCHED_MAX],
    len: usize,
    repeats: [u8; CASED.len() + CASELESS.len()],
}
impl Tally {
    fn new() -> Self {
        Self {
            counts: [Count::default(); KNOWN],
            touched: [PlainText; TOUCHED_MAX],
            len: 0,
            repeats: [0; CASED.len() + CASELESS.len()],
        }
    }
    fn add(&mut self, (sign, id, weight): (u16, Id, u16)) {
        let count = &mut self.counts[id as usize];
        if count.lines == 0
            && let Some(free) = self.touched.get_mut(self.len)
        {
            (*free, self.len) = (id, self.len + 1);
        }
        count.lines += 1;
        let Some(seen) = self.repeats.get_mut(usize::from(sign)) else { return };
        if *seen == 0 {
            count.kinds += 1;
            count.strong |= weight >= STRONG_MIN;
        }
        if *seen < REPEATS_MAX {
            *seen += 1;
            count.votes += weight;
        }
    }
    fn of(&self, id: Id) -> Count {
        self.counts[id as usize]
    }
}

/// The format that most lines speak for, if the lead is clear.
pub(super) fn find(text: &[u8]) -> Option<Found> {
    if let Some(found) = g_code(text) {
        return Some(found);
    }
    let mut tally = Tally::new();
    let mut all = 0;
    for line in lines(text).take(LINES_MAX) {
        let line = line.trim_ascii_start();
        all += u16::from(!matches!(
            line.first(),
            None | Some(b'#' | b'/' | b'*' | b';' | b'-' | b'!' | b'%' | b'\'' | b'0'..=b'9')
        ));
        if let Some(vote) = BY_CASE.of(line).find(|sign| at_word_end(sign.0, line)) {
            tally.add(vote.1);
        }
        let mut lower = [0; CASELESS_BYTES_MAX];
        let start = first(line, CASELESS_BYTES_MAX);
        let lower = &mut lower[..start.len()];
        lower.copy_from_slice(start);
        lower.make_ascii_lowercase();
        if let Some(vote) = ANY_CASE.of(lower).find(|sign| at_word_end(sign.0, lower)) {
            tally.add(vote.1);
        }
    }
    // A dialect speaks its language too.
    for (dialect, language) in [(SiemensS7Source, Iec61131), (LsDyna, Abaqus), (Blif, Spice), (Def, Lef), (Lef, Def)] {
        if tally.of(dialect).votes >= VOTES_MIN && tally.of(dialect).votes * 2 >= tally.of(language).votes {
            tally.counts[language as usize].votes = 0;
        }
    }
    let (mut best, mut next) = ((PlainText, Count::default()), 0);
    for id in tally.touched.iter().take(tally.len) {
        let count = tally.of(*id);
        if count.votes > best.1.votes {
            (next, best) = (best.1.votes, (*id, count));
        } else {
            next = next.max(count.votes);
        }
    }
    let (id, count) = best;
    // A plant's program inside a program: a test that carries one as a string speaks both.
    let carried = CARRIED.contains(&id.format().family) && id != UrScript;
    let carrier = |id: &Id| {
        id.format().family == Family::Source && tally.of(*id).kinds >= CARRIER_KINDS_MIN && tally.of(*id).strong
    };
    if carried && tally.touched.iter().take(tally.len).any(carrier) {
        return None;
    }
    let several = count.kinds >= KINDS_MIN && count.strong;
    let share = count.lines * LINES_PER_VOTE_MAX >= all;
    (several && share && count.votes >= VOTES_MIN && count.votes >= next * LEAD_MIN).then_some(Found::content(id))
}
/// A sign that ends in a letter is a whole word.
fn at_word_end(sign: &[u8], line: &[u8]) -> bool {
    let letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    !sign.last().is_some_and(letter) || !line.get(sign.len()).is_some_and(letter)
}

/// Lines of words, a letter and a number each, most of them with preparatory or miscellaneous functions (ISO 6983-1); or the
/// numbered and named blocks of RS-274/NGC.
fn g_code(text: &[u8]) -> Option<Found> {
    let (mut blocks, mut other, mut motions, mut functions, mut named) = (0usize, 0usize, 0usize, 0usize, 0usize);
    for line in lines(text).take(LINES_MAX) {
        let line = line.trim_ascii();
        if line.is_empty() || matches!(line.first(), Some(b'(' | b';' | b'#' | b'%')) {
            continue;
        }
        named += usize::from(is_named_block(line));
        match block(line) {
            Some((motion, function)) => {
                blocks += 1;
                motions += usize::from(motion);
                functions += usize::from(function);
            }
            None => other += usize::from(!matches!(line.first(), Some(b'O' | b'o'))),
        }
    }
    let siemens =
        has(text, text.len(), b"\nDEF ") || has(text, text.len(), b"MSG(") || has(text, text.len(), b"CYCLE8");
    // Gerber and plotter files have words too; theirs end with `*` or `;`, which are no numbers.
    let enough =
        blocks >= 4 && other * 4 <= blocks && functions >= 2 && motions >= 2 && (motions + functions) * 5 >= blocks * 2;
    let ngc = named >= 1 && other * 4 <= blocks + named && (named >= 2 || functions >= 1);
    (enough || ngc).then_some(Found::content(if siemens { Sinumerik } else { GCode }))
}
/// `o<name> sub`, `O100 if [...]`.
fn is_named_block(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 10] =
        [b"sub", b"endsub", b"call", b"if", b"endif", b"while", b"endwhile", b"do", b"repeat", b"return"];
    let Some([b'<' | b'0'..=b'9', ..]) = line.get(1..) else { return false };
    let name =
        line.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'<' | b'>' | b'_' | b'-' | b'.')).count();
    let word = line.get(name..).unwrap_or_default().trim_ascii_start();
    let word = first(word, word.iter().take_while(|b| b.is_ascii_alphabetic()).count());
    matches!(line.first(), Some(b'o' | b'O')) && WORDS.iter().any(|w| w.eq_ignore_ascii_case(word))
}
/// Has a motion, has a G or M word; nothing if something else stands in the line.
fn block(line: &[u8]) -> Option<(bool, bool)> {
    let (mut at, mut motion, mut function, mut words) = (0, false, false, 0);
    while let Some(byte) = line.get(at) {
        match byte {
            b' ' | b'\t' | b'/' => at += 1,
            b';' => break,
            b'(' => at += memchr::memchr(b')', line.get(at..)?)? + 1,
            letter if letter.is_ascii_alphabetic() => {
                let letter = letter.to_ascii_uppercase();
                at += 1;
                at += line.get(at..)?.iter().take_while(|b| **b == b' ').count();
                at += value(line.get(at..)?)?;
                motion |= matches!(letter, b'X' | b'Y' | b'Z' | b'A' | b'B' | b'C' | b'I' | b'J' | b'K' | b'R');
                function |= matches!(letter, b'G' | b'M');
                words += 1;
            }
            _ => return None,
        }
    }
    (words > 0).then_some((motion, function))
}
/// Length of a number, an expression in brackets or a parameter (`#12`, `#<name>`).
fn value(rest: &[u8]) -> Option<usize> {
    let len = match rest.first()? {
        b'[' => {
            let mut depth = 0usize;
            rest.iter().position(|b| {
                depth = match b {
                    b'[' => depth + 1,
                    b']' => depth.saturating_sub(1),
                    _ => depth,
                };
                depth == 0
            })? + 1
        }
        b'#' if rest.get(1) == Some(&b'<') => memchr::memchr(b'>', rest)? + 1,
        b'#' => 1 + value(rest.get(1..)?)?,
        b'-' if matches!(rest.get(1), Some(b'#' | b'[')) => 1 + value(rest.get(1..)?)?,
        _ => rest.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')).count(),
    };
    (len > 0).then_some(len)
}
