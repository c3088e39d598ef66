//! Writes the mutants of a file into it, each behind its switch.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use proc_macro2::LineColumn;
use syn::{
    Arm, BinOp, Expr, ExprBinary, ExprStruct, ExprUnary, ImplItemFn, ItemFn, Pat, ReturnType, Signature, Type,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::list::{Mutant, Place};

/// The greatest number of mutants that can be told apart, as the function below has it.
pub const SWITCHES: usize = 4_096;

/// The lints that are off in code with mutants, for the beginning of a crate's root. A choice between the same things twice is no fault
/// there, nor is a sum that overflows.
pub const LENIENT: &str = "#![allow(warnings, arithmetic_overflow, overflowing_literals, unconditional_panic)]";

/// The function that tells whether a mutant is on, for the end of a crate's root. It also writes down which mutants a test reaches.
pub const SWITCH: &str = r#"
#[doc(hidden)]
#[inline]
pub fn __mutant(id: u32) -> bool {
    use std::{env, ffi::OsString, io::Write as _, sync::{OnceLock, atomic::{AtomicBool, Ordering}}};
    static MODE: OnceLock<(u32, Option<OsString>)> = OnceLock::new();
    static SEEN: [AtomicBool; 4_096] = [const { AtomicBool::new(false) }; 4_096];
    let (on, reached) = MODE.get_or_init(|| {
        let on = env::var("MUTANT").ok().and_then(|id| id.parse().ok());
        (on.unwrap_or(0), env::var_os("MUTANTS_REACHED"))
    });
    if let Some(file) = reached
        && SEEN.get(id as usize).is_some_and(|seen| !seen.swap(true, Ordering::Relaxed))
        && let Ok(mut file) = std::fs::File::options().append(true).create(true).open(file)
    {
        let _ = file.write_all(format!("{id}\n").as_bytes());
    }
    *on == id
}
"#;

/// The call that asks whether a mutant is on.
fn on(id: u32) -> String {
    format!("crate::__mutant({id})")
}

/// A stretch of the text, and what is put before and behind it.
struct Change {
    start: usize,
    end: usize,
    before: String,
    behind: String,
}

/// Finds the places of mutants in a file.
struct Finder<'a> {
    text: &'a str,
    lines: Vec<usize>,
    /// The mutants that have no place yet, by where they begin.
    wanted: BTreeMap<Place, Vec<&'a Mutant>>,
    changes: Vec<Change>,
    /// The mutants that no compiler takes.
    unplaced: Vec<u32>,
    /// The functions that are asked for while the program is compiled.
    stay: &'a BTreeSet<String>,
    /// The depth of functions that run while the program is compiled, where no switch can be asked.
    constant: usize,
}

impl<'a> Finder<'a> {
    /// The byte at a place of the parser's, whose columns count from 0.
    fn byte(&self, at: LineColumn) -> usize {
        self.byte_at(Place {
            line: at.line,
            column: at.column + 1,
        })
    }

    fn byte_at(&self, at: Place) -> usize {
        let line = self.lines[at.line - 1];
        let inside = self.text[line..].char_indices().nth(at.column - 1);
        inside.map_or(self.text.len(), |(index, _)| line + index)
    }

    fn range(&self, of: &impl Spanned) -> (usize, usize) {
        let span = of.span();
        (self.byte(span.start()), self.byte(span.end()))
    }

    fn text_of(&self, of: &impl Spanned) -> &'a str {
        let (start, end) = self.range(of);
        &self.text[start..end]
    }

    /// Takes the mutants of a kind that begin at a place.
    fn take(&mut self, at: LineColumn, genre: &str) -> Vec<&'a Mutant> {
        let place = Place {
            line: at.line,
            column: at.column + 1,
        };
        if self.constant > 0 {
            return Vec::new();
        }
        let all = self.wanted.remove(&place).unwrap_or_default();
        let (taken, left): (Vec<_>, Vec<_>) = all.into_iter().partition(|mutant| mutant.genre == genre);
        if !left.is_empty() {
            self.wanted.insert(place, left);
        }
        taken
    }

    /// Puts a choice around an expression: what stands there, or one of the others, by mutant.
    fn choose(&mut self, of: &impl Spanned, others: Vec<(&Mutant, String)>) {
        if others.is_empty() {
            return;
        }
        let (start, end) = self.range(of);
        let branch = |(mutant, other): (&Mutant, String)| {
            let id = mutant.id;
            format!("if {} {{ /*<{id}*/ {other} /*{id}>*/ }} else ", on(id))
        };
        let branches: String = others.into_iter().map(branch).collect();
        self.changes.push(Change {
            start,
            end,
            before: format!("({branches}{{ "),
            behind: " })".to_owned(),
        });
    }

    fn function(&mut self, signature: &Signature, block: &syn::Block, visit: impl FnOnce(&mut Self)) {
        // Most need not be constant, and then their mutants can be switched on.
        let is_const = signature
            .constness
            .filter(|_| self.stay.contains(&signature.ident.to_string()));
        if let Some(keyword) = signature.constness.filter(|_| is_const.is_none()) {
            let (start, end) = self.range(&keyword);
            let (before, behind) = ("/* ".to_owned(), " */".to_owned());
            self.changes.push(Change {
                start,
                end,
                before,
                behind,
            });
        }
        self.constant += usize::from(is_const.is_some());
        if let Some(first) = block.stmts.first() {
            let at = first.span().start();
            let mut mutants = self.take(at, "FnValue");
            if matches!(&signature.output, ReturnType::Type(_, of) if matches!(**of, Type::ImplTrait(_))) {
                // Two ways out would have two types.
                self.unplaced.extend(mutants.drain(..).map(|mutant| mutant.id));
            }
            let start = self.byte(at);
            let returns = |mutant: &&Mutant| {
                let (id, value) = (mutant.id, &mutant.replacement);
                format!("if {} {{ return /*<{id}*/ {value} /*{id}>*/; }} ", on(id))
            };
            let before: String = mutants.iter().map(returns).collect();
            if !before.is_empty() {
                self.changes.push(Change {
                    start,
                    // Around everything that begins here, so that what is put before it stands first.
                    end: self.range(block).1 - 1,
                    before,
                    behind: String::new(),
                });
            }
        }
        visit(self);
        self.constant -= usize::from(is_const.is_some());
    }
}

/// Whether a pattern takes everything, as far as can be told without types.
fn takes_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        // A name with a capital is a constant or a variant.
        Pat::Ident(name) => name.subpat.is_none() && !name.ident.to_string().starts_with(char::is_uppercase),
        Pat::Tuple(tuple) => tuple.elems.iter().all(takes_all),
        Pat::Reference(reference) => takes_all(&reference.pat),
        Pat::Paren(inner) => takes_all(&inner.pat),
        _ => false,
    }
}

/// Whether an expression binds names, as a part of `if let … && …`.
fn binds(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.function(&function.sig, &function.block, |finder| {
            visit::visit_item_fn(finder, function);
        });
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.function(&function.sig, &function.block, |finder| {
            visit::visit_impl_item_fn(finder, function);
        });
    }

    fn visit_item_const(&mut self, constant: &'ast syn::ItemConst) {
        self.constant += 1;
        visit::visit_item_const(self, constant);
        self.constant -= 1;
    }

    fn visit_impl_item_const(&mut self, constant: &'ast syn::ImplItemConst) {
        self.constant += 1;
        visit::visit_impl_item_const(self, constant);
        self.constant -= 1;
    }

    fn visit_item_static(&mut self, constant: &'ast syn::ItemStatic) {
        self.constant += 1;
        visit::visit_item_static(self, constant);
        self.constant -= 1;
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        if !binds(&binary.left) && !binds(&binary.right) {
            let mutants = self.take(binary.op.span().start(), "BinaryOperator");
            let (left, right) = (self.text_of(&binary.left), self.text_of(&binary.right));
            let other = |mutant: &Mutant| format!("{left} {} {right}", mutant.replacement);
            let others = mutants.into_iter().map(|mutant| (mutant, other(mutant))).collect();
            self.choose(binary, others);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast ExprUnary) {
        let mutants = self.take(unary.op.span().start(), "UnaryOperator");
        let inner = self.text_of(&unary.expr);
        let others = mutants.into_iter().map(|mutant| (mutant, inner.to_owned())).collect();
        self.choose(unary, others);
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, object: &'ast ExprStruct) {
        let (start, _) = self.range(object);
        let mut others = Vec::new();
        for field in &object.fields {
            for mutant in self.take(field.span().start(), "StructField") {
                let mut text = self.text_of(object).to_owned();
                let (from, to) = self.range(field);
                text.replace_range(from - start..to - start, "");
                // The comma of the field.
                let behind = text[from - start..].find(',');
                if let Some(comma) = behind {
                    text.remove(from - start + comma);
                }
                others.push((mutant, text));
            }
        }
        self.choose(object, others);
        visit::visit_expr_struct(self, object);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        // Without an arm that takes the rest, the compiler asks for every arm.
        let takes_rest = |arm: &Arm| arm.guard.is_none() && takes_all(&arm.pat);
        if !expr.arms.iter().any(takes_rest) {
            for arm in &expr.arms {
                let gone = self.take(arm.span().start(), "MatchArm");
                self.unplaced.extend(gone.iter().map(|mutant| mutant.id));
            }
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let gone = self.take(arm.span().start(), "MatchArm");
        let (mut asked, mut or) = (String::new(), String::new());
        for mutant in &gone {
            asked += "!";
            asked += &on(mutant.id);
            asked += " && ";
        }
        match &arm.guard {
            Some((_, guard)) if !binds(guard) => {
                for mutant in self.take(guard.span().start(), "MatchArmGuard") {
                    if mutant.replacement == "true" {
                        or += &on(mutant.id);
                        or += " || ";
                    } else {
                        asked += "!";
                        asked += &on(mutant.id);
                        asked += " && ";
                    }
                }
                let (start, end) = self.range(&**guard);
                if !asked.is_empty() || !or.is_empty() {
                    self.changes.push(Change {
                        start,
                        end,
                        before: format!("{asked}({or}("),
                        behind: "))".to_owned(),
                    });
                }
            }
            None if !gone.is_empty() => {
                let at = self.range(&arm.pat).1;
                self.changes.push(Change {
                    start: at,
                    end: at,
                    before: format!(" if {asked}true"),
                    behind: String::new(),
                });
            }
            _ => {}
        }
        visit::visit_arm(self, arm);
    }
}

/// Returns a file's text with the mutants in it, and the ids of those that have no place in it. Functions named in `stay` stay constant.
pub fn with_mutants(text: &str, mutants: &[&Mutant], stay: &BTreeSet<String>) -> Result<(String, Vec<u32>)> {
    let file = syn::parse_file(text).context("the file does not parse")?;
    let mut wanted: BTreeMap<Place, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        wanted.entry(mutant.span.start).or_default().push(mutant);
    }
    let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let mut finder = Finder {
        text,
        lines: lines.collect(),
        wanted,
        changes: Vec::new(),
        unplaced: Vec::new(),
        stay,
        constant: 0,
    };
    finder.visit_file(&file);
    let left = finder.wanted.into_values().flatten().map(|mutant| mutant.id);
    Ok((apply(text, finder.changes), left.chain(finder.unplaced).collect()))
}

/// Puts texts before and behind stretches, of which one may lie in another.
fn apply(text: &str, changes: Vec<Change>) -> String {
    // At one place, first what ends there, the inner before the outer; then what begins there, the outer before the inner.
    let mut put: Vec<(usize, u8, usize, usize, String)> = Vec::new();
    for (number, change) in changes.into_iter().enumerate() {
        let length = change.end - change.start;
        put.push((change.start, 1, usize::MAX - length, number, change.before));
        put.push((
            change.end,
            u8::from(length == 0),
            length,
            usize::MAX - number,
            change.behind,
        ));
    }
    put.sort();
    let (mut written, mut until) = (String::with_capacity(text.len() * 3), 0);
    for (at, _, _, _, added) in put {
        written.push_str(&text[until..at]);
        written.push_str(&added);
        until = at;
    }
    written.push_str(&text[until..]);
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Span;

    fn mutant(id: u32, genre: &str, line: usize, column: usize, replacement: &str) -> Mutant {
        let start = Place { line, column };
        Mutant {
            id,
            of: String::new(),
            name: String::new(),
            file: String::new(),
            genre: genre.to_owned(),
            replacement: replacement.to_owned(),
            span: Span { start, end: start },
        }
    }

    fn written(text: &str, mutants: &[Mutant]) -> (String, Vec<u32>) {
        let (text, left) = with_mutants(text, &mutants.iter().collect::<Vec<_>>(), &BTreeSet::new()).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (text, left)
    }

    #[test]
    fn an_operator_has_its_choices_around_it_and_those_inside_it() {
        let both = [
            mutant(1, "BinaryOperator", 1, 29, ">"),
            mutant(2, "BinaryOperator", 1, 25, "-"),
            mutant(3, "FnValue", 1, 23, "true"),
        ];
        let (text, left) = written("fn f(a: u8) -> bool { a + 1 < 2 }", &both);
        assert_eq!(
            text,
            "fn f(a: u8) -> bool { if crate::__mutant(3) { return /*<3*/ true /*3>*/; } \
             (if crate::__mutant(1) { /*<1*/ a + 1 > 2 /*1>*/ } else { \
             (if crate::__mutant(2) { /*<2*/ a - 1 /*2>*/ } else { a + 1 }) < 2 }) }"
        );
        assert!(left.is_empty());
    }

    #[test]
    fn an_arm_goes_by_its_guard() {
        let all = [
            mutant(1, "MatchArm", 1, 25, ""),
            mutant(2, "MatchArm", 1, 33, ""),
            mutant(3, "MatchArmGuard", 1, 38, "true"),
            mutant(4, "MatchArmGuard", 1, 38, "false"),
        ];
        let (text, left) = written("fn f(n: u8) { match n { 1 => {} n if n > 2 => {} _ => {} } }", &all);
        assert_eq!(
            text,
            "fn f(n: u8) { match n { 1 if !crate::__mutant(1) && true => {} \
             n if !crate::__mutant(2) && !crate::__mutant(4) && (crate::__mutant(3) || (n > 2)) => {} _ => {} } }"
        );
        assert!(left.is_empty());
    }

    #[test]
    fn what_is_computed_while_compiling_has_no_switch() {
        let sum = [mutant(1, "BinaryOperator", 1, 19, "*")];
        assert_eq!(
            written("const A: u8 = 1 + 2;", &sum),
            ("const A: u8 = 1 + 2;".to_owned(), vec![1])
        );
        let negation = [mutant(2, "UnaryOperator", 1, 32, "")];
        let (text, _) = written("fn f(a: S) -> T { T { b: 1, c: !a.b, ..a } }", &negation);
        assert!(text.contains("c: (if crate::__mutant(2)"), "{text}");
        let field = [mutant(3, "StructField", 1, 23, "")];
        let (text, left) = written("fn f(a: S) -> T { T { b: 1, c: !a.b, ..a } }", &field);
        assert!(text.contains("/*<3*/ T { c: !a.b, ..a } /*3>*/"), "{text}");
        assert!(left.is_empty());
    }
}
