//! What is known of a tensor of the graph while it is read.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use super::{OnnxError, OnnxErrorKind};
use crate::net::{Constant, Network, TensorId};

/// Element types, as TensorProto.DataType counts them.
pub mod element {
    pub const FLOAT: i64 = 1;
    pub const UINT8: i64 = 2;
    pub const INT8: i64 = 3;
    pub const UINT16: i64 = 4;
    pub const INT16: i64 = 5;
    pub const INT32: i64 = 6;
    pub const INT64: i64 = 7;
    pub const BOOL: i64 = 9;
    pub const FLOAT16: i64 = 10;
    pub const DOUBLE: i64 = 11;
    pub const UINT32: i64 = 12;
    pub const UINT64: i64 = 13;
    pub const BFLOAT16: i64 = 16;

    /// What ONNX calls it.
    pub fn name(kind: i64) -> String {
        let names = [
            "undefined",
            "float",
            "uint8",
            "int8",
            "uint16",
            "int16",
            "int32",
            "int64",
            "string",
            "bool",
            "float16",
            "double",
            "uint32",
            "uint64",
            "complex64",
            "complex128",
            "bfloat16",
            "float8e4m3fn",
            "float8e4m3fnuz",
            "float8e5m2",
            "float8e5m2fnuz",
            "uint4",
            "int4",
            "float4e2m1",
        ];
        let name = usize::try_from(kind).ok().and_then(|k| names.get(k));
        name.map_or_else(|| format!("element type {kind}"), |n| (*n).to_owned())
    }

    /// Whether elements are real numbers.
    pub fn is_real(kind: i64) -> bool {
        [FLOAT, FLOAT16, DOUBLE, BFLOAT16].contains(&kind)
    }

    /// The least and greatest element of an integer type; a bool is 0 or 1.
    pub fn range(kind: i64) -> Option<(i64, i64)> {
        Some(match kind {
            BOOL => (0, 1),
            INT8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
            UINT8 => (0, i64::from(u8::MAX)),
            INT16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
            UINT16 => (0, i64::from(u16::MAX)),
            INT32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            UINT32 => (0, i64::from(u32::MAX)),
            INT64 => (i64::MIN, i64::MAX),
            UINT64 => (0, i64::MAX),
            _ => return None,
        })
    }
}

/// Integers and bools: shapes, axes, indices. They never reach the network.
#[derive(Debug, Clone)]
pub struct Ints {
    /// The shape.
    pub shape: Vec<usize>,
    /// The element type.
    pub kind: i64,
    /// The elements, row-major.
    pub values: Arc<Vec<i64>>,
}

/// Real numbers, and which tensor of the network they have become.
#[derive(Debug)]
pub struct Weights {
    /// The numbers.
    pub constant: Constant,
    /// Their name in the file, empty where they were computed on the way.
    pub name: String,
    /// Their tensor, once a layer takes them.
    pub id: Cell<Option<TensorId>>,
    /// Their transpose, once a layer takes that: layers that share a matrix share it.
    pub transposed: OnceCell<Value>,
}

/// A tensor of the graph.
#[derive(Debug, Clone)]
pub enum Value {
    /// A layer or the outside makes it.
    Tensor(TensorId),
    /// Known reals.
    Real(Rc<Weights>),
    /// Known integers.
    Int(Ints),
    /// One number that is infinite or none: Clip may have it as a bound, nothing else.
    Extreme {
        /// The shape, of one element.
        shape: Vec<usize>,
        /// The number.
        value: f64,
        /// Its name in the file.
        name: String,
    },
}

impl Value {
    /// Reals without a tensor of the network as yet.
    pub fn real(constant: Constant, name: &str) -> Self {
        Value::Real(Rc::new(Weights {
            constant,
            name: name.to_owned(),
            id: Cell::new(None),
            transposed: OnceCell::new(),
        }))
    }

    /// Integers.
    pub fn ints(shape: Vec<usize>, kind: i64, values: Vec<i64>) -> Self {
        Value::Int(Ints { shape, kind, values: Arc::new(values) })
    }

    /// Its shape.
    pub fn shape<'a>(&'a self, network: &'a Network) -> &'a [usize] {
        match self {
            Value::Tensor(id) => network.tensor(*id).shape(),
            Value::Real(weights) => weights.constant.shape(),
            Value::Int(ints) => &ints.shape,
            Value::Extreme { shape, .. } => shape,
        }
    }

    /// The reals, where it is that.
    pub fn constant(&self) -> Option<&Constant> {
        match self {
            Value::Real(weights) => Some(&weights.constant),
            _ => None,
        }
    }
}

/// Why an infinite number or none is refused.
pub fn not_finite(name: &str, value: f64) -> OnnxError {
    let why = format!("element 0 is {value}, weights must be finite");
    OnnxErrorKind::Tensor { name: name.to_owned(), why }.into()
}
