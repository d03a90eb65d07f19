//! Rust source taken apart into code and comments, so that a rule looks only where it means to.

/// The same text twice, line for line: once without comments and the inside of literals, once only the comments.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) code: String,
    pub(super) comments: String,
}

/// What the next character belongs to.
#[derive(Clone, Copy)]
enum Part {
    Code,
    Comment,
    Literal,
}

impl Layers {
    /// Splits a file. What does not compile is split somehow, without a failure.
    pub(super) fn of(text: &str) -> Self {
        let mut layers = Self {
            code: String::with_capacity(text.len()),
            comments: String::new(),
        };
        let mut rest = text;
        let mut previous = ' ';
        while let Some(character) = rest.chars().next() {
            let (length, part) = token(rest, previous);
            let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
            layers.take(taken, part);
            previous = character;
            rest = left;
        }
        layers
    }

    fn take(&mut self, text: &str, part: Part) {
        match part {
            Part::Code => {
                self.code.push_str(text);
                self.comments
                    .extend(text.chars().filter(|character| *character == '\n'));
            }
            Part::Comment => {
                self.comments.push_str(text);
                self.code
                    .extend(text.chars().filter(|character| *character == '\n'));
            }
            Part::Literal => {
                for layer in [&mut self.code, &mut self.comments] {
                    layer.extend(text.chars().filter(|character| *character == '\n'));
                }
                self.code.push('"');
            }
        }
    }
}

/// How many bytes belong together at the beginning of `rest`, and to what. `previous` is the character before.
fn token(rest: &str, previous: char) -> (usize, Part) {
    let in_word = previous.is_alphanumeric() || previous == '_';
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Part::Comment);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Part::Comment);
    }
    if rest.starts_with('"') {
        return (1 + quoted(rest.get(1..).unwrap_or_default(), '"'), Part::Literal);
    }
    if let Some(length) = character_literal(rest) {
        return (length, Part::Literal);
    }
    if !in_word && let Some(length) = raw_string(rest) {
        return (length, Part::Literal);
    }
    (rest.chars().next().map_or(1, char::len_utf8), Part::Code)
}

/// The length of a comment that may hold others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of what follows an opening quote, the closing one included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + quote.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// `'x'` or `'\n'`, but not the lifetime `'a`.
fn character_literal(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    let closed = inside.get(first.len_utf8()..)?.starts_with('\'');
    (first == '\\' || closed).then(|| 1 + quoted(inside, '\''))
}

/// `r"…"`, `r#"…"#` and so on, also with `b` or `c` before.
fn raw_string(text: &str) -> Option<usize> {
    let body = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
    let hashes = body.chars().take_while(|character| *character == '#').count();
    let inside = body.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(text.len() - inside.len() + length)
}

#[cfg(test)]
mod tests {
    use super::Layers;

    #[test]
    fn comments_and_literals_are_not_code() {
        let layers =
            Layers::of("let a = \"// no\"; // yes\nlet b = r#\"\"x\"\"#; /* one /* two */ three */ let c;");

        assert_eq!(layers.code, "let a = \"; \nlet b = \";  let c;");
        assert_eq!(layers.comments, "// yes\n/* one /* two */ three */");
    }

    #[test]
    fn quotes_inside_characters_do_not_open_strings() {
        let layers = Layers::of("let a = ['\"', '\\'', '/']; fn f<'a>(x: &'a str) {} // end");

        assert_eq!(layers.code, "let a = [\", \", \"]; fn f<'a>(x: &'a str) {} ");
        assert_eq!(layers.comments, "// end");
    }

    #[test]
    fn lines_stay_lines() {
        let text = "/*\n\n*/ fn a() {}\nconst B: &str = \"\n\n\";\n// c\n";
        let layers = Layers::of(text);

        assert_eq!(layers.code.lines().count(), text.lines().count());
        assert_eq!(layers.comments.lines().count(), text.lines().count());
    }
}
