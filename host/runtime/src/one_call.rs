//! What is changed in a compiled module before it becomes a component, so that a call of it costs less.
//!
//! An instance lives for one call and all of its memory goes with it, so nothing of a result needs to be given back. And where
//! the length of a copy is not known before, the engine leaves the sandbox to make it, which takes longer than most of them
//! do: the pieces of a document are a few bytes long. Those are copied inside.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ExportSection, Function, FunctionSection, ImportSection, Instruction, MemArg, Module,
    TypeSection, ValType,
};
use wasmparser::{
    CodeSectionReader, Export, FunctionSectionReader, ImportSectionReader, Operator, Parser, TypeRef, TypeSectionReader,
};

/// What the names of functions begin with that are called when a result was copied out, to give back what it took.
const POST_RETURN: &str = "cabi_post_";

/// Not a module of WebAssembly, or one that no plugin is made of.
#[derive(Debug, thiserror::Error)]
#[error("the module cannot be read: {0}")]
pub struct UnreadableModule(String);

/// The same module for an instance that is called once: without functions that give a result back among its exports, and with
/// its short copies made inside.
///
/// # Errors
///
/// [`UnreadableModule`].
pub fn for_one_call(module: &[u8]) -> Result<Vec<u8>, UnreadableModule> {
    let mut made = Module::new();
    let read = ForOneCall::default().parse_core_module(&mut made, Parser::new(0), module);
    read.map_err(|error| UnreadableModule(error.to_string()))?;
    Ok(made.finish())
}

/// Where in the module what is added to it is, and what was read last.
#[derive(Default)]
struct ForOneCall {
    /// How many functions are imported; the others are counted on from there.
    imported: u32,
    /// The type of the function that copies.
    copy_type: u32,
    /// The function that copies.
    copy: u32,
    /// Whether the instruction before is a constant, so that the engine knows how much is copied.
    is_constant: bool,
}

impl Reencode for ForOneCall {
    type Error = Infallible;

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        self.copy_type = types.len();
        types.ty().function([ValType::I32; 3], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in section.clone().into_imports() {
            self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
        }
        utils::parse_import_section(self, imports, section)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        self.copy = self.imported + functions.len();
        functions.function(self.copy_type);
        Ok(())
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Error> {
        match export.name.starts_with(POST_RETURN) {
            true => Ok(()),
            false => utils::parse_export(self, exports, export),
        }
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        code.function(&copy());
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error> {
        let is_constant = std::mem::replace(&mut self.is_constant, matches!(operator, Operator::I32Const { .. }));
        match operator {
            Operator::MemoryCopy { dst_mem: 0, src_mem: 0 } if !is_constant => Ok(Instruction::Call(self.copy)),
            _ => utils::instruction(self, operator),
        }
    }
}

/// Copies so many bytes to a place from another, as the instruction does: both may overlap, so that all is read before any of
/// it is written; only nothing can be copied from and to beyond the memory. Up to two vectors are copied as two words from either end, of whatever size they fit in.
fn copy() -> Function {
    use Instruction as I;
    const TO: u32 = 0;
    const FROM: u32 = 1;
    const LENGTH: u32 = 2;
    let mut copy = Function::new([]);
    let at = MemArg { offset: 0, align: 0, memory_index: 0 };
    let words = [
        (16, I::V128Load(at), I::V128Store(at)),
        (8, I::I64Load(at), I::I64Store(at)),
        (4, I::I32Load(at), I::I32Store(at)),
        (2, I::I32Load16U(at), I::I32Store16(at)),
        (1, I::I32Load8U(at), I::I32Store8(at)),
    ];
    let end_of =
        |place: u32, bytes: i32| [I::LocalGet(place), I::LocalGet(LENGTH), I::I32Add, I::I32Const(bytes), I::I32Sub];
    let mut put = |instructions: &[I<'_>]| {
        for instruction in instructions {
            copy.instruction(instruction);
        }
    };
    put(&[I::LocalGet(LENGTH), I::I32Const(32), I::I32GtU, I::If(BlockType::Empty)]);
    put(&[I::LocalGet(TO), I::LocalGet(FROM), I::LocalGet(LENGTH), I::MemoryCopy { src_mem: 0, dst_mem: 0 }]);
    put(&[I::Return, I::End]);
    for (bytes, load, store) in words {
        put(&[I::LocalGet(LENGTH), I::I32Const(bytes), I::I32GeU, I::If(BlockType::Empty)]);
        // The places and what is to be written at each lie on the stack before either is written.
        put(&[I::LocalGet(TO), I::LocalGet(FROM), load.clone()]);
        put(&end_of(TO, bytes));
        put(&end_of(FROM, bytes));
        put(&[load, store.clone(), store, I::Return, I::End]);
    }
    put(&[I::End]);
    copy
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Instance, Store};

    use super::*;

    /// A module that imports a function, copies as it is told to, and has something to give back.
    fn module() -> Vec<u8> {
        let text = r#"(module
            (import "host" "said" (func $said (param i32)))
            (memory (export "memory") 1)
            (func $seen (param i32) (call $said (local.get 0)))
            (func (export "copy") (param i32 i32 i32)
                (call $seen (local.get 2))
                (memory.copy (local.get 0) (local.get 1) (local.get 2)))
            (func (export "copy-nine") (param i32 i32)
                (memory.copy (local.get 0) (local.get 1) (i32.const 9)))
            (func (export "cabi_post_copy") (param i32)))"#;
        wat::parse_str(text).expect("a module")
    }

    /// The exports of a module, and how often it has the engine copy.
    fn read(module: &[u8]) -> (Vec<String>, usize) {
        let (mut exports, mut copies) = (Vec::new(), 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload.expect("a module") {
                wasmparser::Payload::ExportSection(section) => {
                    exports.extend(section.into_iter().map(|export| export.expect("an export").name.to_owned()));
                }
                wasmparser::Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().expect("code").into_iter();
                    copies += operators.filter(|one| matches!(one, Ok(Operator::MemoryCopy { .. }))).count();
                }
                _ => {}
            }
        }
        (exports, copies)
    }

    #[test]
    fn nothing_is_given_back_and_what_is_known_to_be_long_or_short_is_left_to_the_engine() {
        let (exports, copies) = read(&for_one_call(&module()).expect("a module"));
        assert_eq!(exports, ["memory", "copy", "copy-nine"]);
        assert_eq!(copies, 2, "that of nine bytes, and that of all that is long");
    }

    /// The memory after one copy in an instance of the module, or how the call ended instead.
    fn copied(module: &[u8], to: i32, from: i32, length: i32) -> Result<Vec<u8>, wasmtime::Trap> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let module = wasmtime::Module::new(&engine, module).expect("a valid module");
        let said = wasmtime::Func::wrap(&mut store, |_: i32| {});
        let instance = Instance::new(&mut store, &module, &[said.into()]).expect("an instance");
        let memory = instance.get_memory(&mut store, "memory").expect("a memory");
        for (byte, value) in memory.data_mut(&mut store).iter_mut().zip((0..=250).cycle()) {
            *byte = value;
        }
        let copy = instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, "copy").expect("a function");
        copy.call(&mut store, (to, from, length)).map_err(|error| error.downcast().expect("a trap"))?;
        Ok(memory.data(&store).to_vec())
    }

    #[test]
    fn a_copy_of_every_length_is_what_the_instruction_makes_of_it() {
        let (before, after) = (module(), for_one_call(&module()).expect("a module"));
        for length in (0..=34).chain([64, 1_000]) {
            // Apart, and over each other by one, a few and many bytes, both ways.
            for (to, from) in [(4_096, 8_192), (100, 101), (101, 100), (100, 107), (107, 100), (100, 119), (119, 100)] {
                assert_eq!(copied(&after, to, from, length), copied(&before, to, from, length), "{to} {from} {length}");
            }
        }
    }

    #[test]
    fn a_copy_beyond_the_memory_ends_the_call() {
        let after = for_one_call(&module()).expect("a module");
        let end = 65_536;
        for length in [1, 2, 3, 5, 9, 17, 32, 33] {
            for (to, from) in [(end - length + 1, 0), (0, end - length + 1), (-1, 0), (0, -1)] {
                assert_eq!(copied(&after, to, from, length), Err(wasmtime::Trap::MemoryOutOfBounds), "{to} {from}");
            }
            assert!(copied(&after, end - length, 0, length).is_ok());
        }
    }
}
