//! What is said of a thing in words.

use crate::code::Code;
use crate::text::Text;

record! {
    /// A text that people are to read: an instruction, a condition, a remark.
    Note {
        required {
            /// The words; lines are parted by `\n`.
            text: Text<4096>,
        }
        optional {
            /// What the text is about, in the code of its system.
            subject: Code,
            /// The language it is in: ISO 639-1, or what its system calls it.
            language: Text<8>,
        }
    }
}
