//! Configuration files with names between @ signs, filled in.

use std::path::Path;

use crate::failure::Failure;

/// Writes `template`, with every `@NAME@` replaced by its value, to `file`.
///
/// # Errors
///
/// When a name is left over: a configuration with a hole would be measured as something else than it says.
pub fn render(template: &Path, file: &Path, values: &[(&str, &str)]) -> Result<(), Failure> {
    let text = std::fs::read_to_string(template)
        .map_err(|error| Failure::step(format!("reading {}", template.display()), error.to_string()))?;
    let text = fill(&text, values);
    if let Some(name) = text.split('@').skip(1).step_by(2).find(|name| is_name(name)) {
        return Err(Failure::step(format!("filling in {}", template.display()), format!("no value for @{name}@")));
    }
    Ok(std::fs::write(file, text)?)
}

/// `text` with every `@NAME@` replaced by its value.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
