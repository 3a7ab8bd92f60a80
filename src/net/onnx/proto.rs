//! The messages of an ONNX model, as far as they mean something here.
//!
//! Source: `onnx.proto`, github.com/onnx/onnx. Names and data are borrowed from the file. What is not read: descriptions,
//! metadata, value_info (shapes are inferred), quantization annotations, training information, and functions, whose nodes
//! are then of an unknown operator. Subgraphs are noticed but not entered, so that depth is bounded.

use super::OnnxError;
use super::wire::{Field, Held, Message, Repeated, malformed};

/// ModelProto.
#[derive(Default)]
pub struct Model<'a> {
    /// The version of the format; 0 where it is missing.
    pub ir_version: i64,
    /// Domain and version.
    pub opsets: Vec<(&'a str, i64)>,
    /// What the model computes.
    pub graph: Option<Graph<'a>>,
}

/// GraphProto.
#[derive(Default)]
pub struct Graph<'a> {
    /// In the file's order.
    pub nodes: Vec<Node<'a>>,
    /// Tensors that are known.
    pub initializers: Vec<Tensor<'a>>,
    /// Whether there are sparse ones.
    pub sparse: bool,
    /// What comes from outside; up to IR version 3 also the initializers.
    pub inputs: Vec<ValueInfo<'a>>,
    /// What is answered.
    pub outputs: Vec<ValueInfo<'a>>,
}

/// NodeProto.
#[derive(Default)]
pub struct Node<'a> {
    /// Tensors; an empty name is an input left out.
    pub inputs: Vec<&'a str>,
    /// Tensors; an empty name is an output that nobody wants.
    pub outputs: Vec<&'a str>,
    /// Its name, often empty.
    pub name: &'a str,
    /// The operator.
    pub op: &'a str,
    /// The operator's domain.
    pub domain: &'a str,
    /// The attributes.
    pub attributes: Vec<Attribute<'a>>,
}

/// AttributeProto.
#[derive(Default)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// A float.
    pub f: Option<f32>,
    /// An integer.
    pub i: Option<i64>,
    /// A string.
    pub s: Option<&'a [u8]>,
    /// A tensor.
    pub t: Option<Box<Tensor<'a>>>,
    /// Floats.
    pub floats: Repeated<'a>,
    /// Integers.
    pub ints: Repeated<'a>,
    /// Which of them it is; 0 where an old file does not say.
    pub kind: i64,
    /// Whether it holds graphs, types, sparse tensors or a reference to a function's attribute.
    pub other: bool,
}

/// TensorProto.
#[derive(Default)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: &'a str,
    /// The shape.
    pub dims: Repeated<'a>,
    /// The element type.
    pub data_type: i64,
    /// Elements of type float.
    pub floats: Repeated<'a>,
    /// Elements of the narrow integer types and of half precision.
    pub int32s: Repeated<'a>,
    /// Elements of type int64.
    pub int64s: Repeated<'a>,
    /// Elements of type double.
    pub doubles: Repeated<'a>,
    /// Elements of types uint32 and uint64.
    pub uint64s: Repeated<'a>,
    /// Elements as they lie in memory, little-endian.
    pub raw: Option<&'a [u8]>,
    /// Whether it is but a piece of a tensor.
    pub segment: bool,
    /// Where its data is: key and value.
    pub external: Vec<(&'a str, &'a str)>,
    /// 0 here, 1 in another file.
    pub location: i64,
}

/// ValueInfoProto.
#[derive(Default)]
pub struct ValueInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// The element type, where it is a tensor.
    pub element: Option<i64>,
    /// The shape, where it is declared.
    pub shape: Option<Vec<Dim<'a>>>,
}

/// One dimension of a declared shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dim<'a> {
    /// Of this size.
    Size(i64),
    /// Called so.
    Symbol(&'a str),
    /// Not said.
    Unknown,
}

impl<'a> Model<'a> {
    /// Decodes a model.
    pub fn decode(bytes: &'a [u8], held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let mut model = Model::default();
        let mut message = Message::new(bytes);
        while let Some(field) = message.next()? {
            match field.number {
                1 => model.ir_version = field.int()?,
                7 => {
                    let graph = Graph::decode(&field, held)?;
                    once(model.graph.replace(graph).is_none(), "a second graph", &field)?;
                }
                8 => {
                    let opset = opset(&field)?;
                    held.push(&mut model.opsets, opset)?;
                }
                _ => {}
            }
        }
        Ok(model)
    }
}

fn opset<'a>(field: &Field<'a>) -> Result<(&'a str, i64), OnnxError> {
    let (mut domain, mut version) = ("", 0);
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => domain = field.text()?,
            2 => version = field.int()?,
            _ => {}
        }
    }
    Ok((domain, version))
}

impl<'a> Graph<'a> {
    fn decode(field: &Field<'a>, held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let mut graph = Graph::default();
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => {
                    let node = Node::decode(&field, held)?;
                    held.push(&mut graph.nodes, node)?;
                }
                5 => {
                    let tensor = Tensor::decode(&field, held)?;
                    held.push(&mut graph.initializers, tensor)?;
                }
                11 => {
                    let info = ValueInfo::decode(&field, held)?;
                    held.push(&mut graph.inputs, info)?;
                }
                12 => {
                    let info = ValueInfo::decode(&field, held)?;
                    held.push(&mut graph.outputs, info)?;
                }
                15 => graph.sparse = true,
                _ => {}
            }
        }
        Ok(graph)
    }
}

impl<'a> Node<'a> {
    fn decode(field: &Field<'a>, held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let mut node = Node::default();
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => held.push(&mut node.inputs, field.text()?)?,
                2 => held.push(&mut node.outputs, field.text()?)?,
                3 => node.name = field.text()?,
                4 => node.op = field.text()?,
                5 => {
                    let attribute = Attribute::decode(&field, held)?;
                    held.push(&mut node.attributes, attribute)?;
                }
                7 => node.domain = field.text()?,
                _ => {}
            }
        }
        Ok(node)
    }
}

impl<'a> Attribute<'a> {
    fn decode(field: &Field<'a>, held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let mut attribute = Attribute::default();
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => attribute.name = field.text()?,
                2 => attribute.f = Some(field.float()?),
                3 => attribute.i = Some(field.int()?),
                4 => attribute.s = Some(field.bytes()?),
                5 => {
                    let tensor = Tensor::decode(&field, held)?;
                    held.take(size_of::<Tensor<'_>>() as u64)?;
                    once(attribute.t.replace(Box::new(tensor)).is_none(), "a second tensor", &field)?;
                }
                7 => attribute.floats.add_fixed::<4>(&field, held)?,
                8 => attribute.ints.add_varints(&field, held)?,
                20 => attribute.kind = field.int()?,
                6 | 9..=11 | 14 | 15 | 21..=23 => attribute.other = true,
                _ => {}
            }
        }
        Ok(attribute)
    }
}

impl<'a> Tensor<'a> {
    fn decode(field: &Field<'a>, held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let mut tensor = Tensor::default();
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => tensor.dims.add_varints(&field, held)?,
                2 => tensor.data_type = field.int()?,
                3 => tensor.segment = true,
                4 => tensor.floats.add_fixed::<4>(&field, held)?,
                5 => tensor.int32s.add_varints(&field, held)?,
                7 => tensor.int64s.add_varints(&field, held)?,
                8 => tensor.name = field.text()?,
                9 => once(tensor.raw.replace(field.bytes()?).is_none(), "a tensor with raw data twice", &field)?,
                10 => tensor.doubles.add_fixed::<8>(&field, held)?,
                11 => tensor.uint64s.add_varints(&field, held)?,
                13 => {
                    let entry = entry(&field)?;
                    held.push(&mut tensor.external, entry)?;
                }
                14 => tensor.location = field.int()?,
                _ => {}
            }
        }
        Ok(tensor)
    }
}

fn entry<'a>(field: &Field<'a>) -> Result<(&'a str, &'a str), OnnxError> {
    let (mut key, mut value) = ("", "");
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => key = field.text()?,
            2 => value = field.text()?,
            _ => {}
        }
    }
    Ok((key, value))
}

impl<'a> ValueInfo<'a> {
    fn decode(field: &Field<'a>, held: &mut Held<'_>) -> Result<Self, OnnxError> {
        let mut info = ValueInfo::default();
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => info.name = field.text()?,
                2 => {
                    let mut kind = field.message()?;
                    while let Some(field) = kind.next()? {
                        if field.number == 1 {
                            info.tensor(&field, held)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(info)
    }

    /// TypeProto.Tensor.
    fn tensor(&mut self, field: &Field<'a>, held: &mut Held<'_>) -> Result<(), OnnxError> {
        once(self.element.is_none(), "a second type", field)?;
        self.element = Some(0);
        let mut message = field.message()?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => self.element = Some(field.int()?),
                2 => {
                    let mut dims = Vec::new();
                    let mut shape = field.message()?;
                    while let Some(field) = shape.next()? {
                        if field.number == 1 {
                            let dim = dim(&field)?;
                            held.push(&mut dims, dim)?;
                        }
                    }
                    once(self.shape.replace(dims).is_none(), "a second shape", &field)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn dim<'a>(field: &Field<'a>) -> Result<Dim<'a>, OnnxError> {
    let mut dim = Dim::Unknown;
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => dim = Dim::Size(field.int()?),
            2 => dim = Some(field.text()?).filter(|t| !t.is_empty()).map_or(Dim::Unknown, Dim::Symbol),
            _ => {}
        }
    }
    Ok(dim)
}

/// Fields that Protocol Buffers would merge are taken once only: nobody writes them twice.
fn once(first: bool, what: &str, field: &Field<'_>) -> Result<(), OnnxError> {
    if first { Ok(()) } else { Err(malformed(what, field.offset())) }
}
