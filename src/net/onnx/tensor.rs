//! Stored tensors: TensorProto into numbers.

use std::borrow::Cow;
use std::path::Path;

use half::{bf16, f16};

use super::proto::Tensor;
use super::value::{Value, element};
use super::wire::{Held, Repeated};
use super::{OnnxError, OnnxErrorKind, external};
use crate::net::{Constant, Elements, NetworkError, element_count};

/// Loads a tensor. `name` stands in messages; external data lies in `folder`.
pub fn load(tensor: &Tensor<'_>, name: &str, folder: Option<&Path>, held: &mut Held<'_>) -> Result<Value, OnnxError> {
    held.budget().check()?;
    let loader = Loader { tensor, name };
    let shape = loader.shape(held)?;
    let len = element_count(&shape).map_err(|e| loader.refuse(e))?;
    if tensor.segment {
        return Err(loader.refuse("it is stored in segments"));
    }
    let given = [&tensor.floats, &tensor.int32s, &tensor.int64s, &tensor.doubles, &tensor.uint64s];
    let typed = given.iter().any(|numbers| !numbers.is_empty());
    let raw = match (tensor.location, tensor.raw) {
        (0, Some(raw)) => Some(Cow::Borrowed(raw)),
        (0, None) => None,
        (1, _) => {
            let size = loader.size()?;
            Some(Cow::Owned(external::read(tensor, name, len as u64 * size as u64, folder, held)?))
        }
        (other, _) => return Err(loader.refuse(format_args!("data location {other} is unknown"))),
    };
    if typed && raw.as_ref().is_some_and(|raw| !raw.is_empty() || tensor.location == 1) {
        return Err(loader.refuse("it has data twice"));
    }
    // What is empty needs no data of either kind.
    let raw = raw.filter(|raw| !(raw.is_empty() && typed));
    let value = match tensor.data_type {
        element::FLOAT => {
            let values = match &raw {
                Some(raw) => loader.from_raw(raw, len, f32::from_le_bytes, held)?,
                None => loader.from_fixed(&tensor.floats, len, f32::from_le_bytes, held)?,
            };
            loader.real(&shape, Elements::F32(values))
        }
        element::DOUBLE => {
            let values = match &raw {
                Some(raw) => loader.from_raw(raw, len, f64::from_le_bytes, held)?,
                None => loader.from_fixed(&tensor.doubles, len, f64::from_le_bytes, held)?,
            };
            loader.real(&shape, Elements::F64(values))
        }
        kind @ (element::FLOAT16 | element::BFLOAT16) => {
            let widen = |bits: u16| match kind {
                element::FLOAT16 => f16::from_bits(bits).to_f32(),
                _ => bf16::from_bits(bits).to_f32(),
            };
            let values = match &raw {
                Some(raw) => loader.from_raw(raw, len, |b| widen(u16::from_le_bytes(b)), held)?,
                None => loader.from_varints(&tensor.int32s, len, |v| u16::try_from(v).ok().map(widen), held)?,
            };
            loader.real(&shape, Elements::F32(values))
        }
        kind => match element::range(kind) {
            Some(range) => Ok(Value::ints(shape, kind, loader.ints(raw.as_deref(), len, range, held)?)),
            None => Err(loader.refuse(format_args!("elements of type {} are not supported", element::name(kind)))),
        },
    };
    if let Some(Cow::Owned(raw)) = &raw {
        held.give_back(raw.len() as u64);
    }
    value
}

struct Loader<'t, 'a> {
    tensor: &'t Tensor<'a>,
    name: &'t str,
}

impl Loader<'_, '_> {
    fn refuse(&self, why: impl std::fmt::Display) -> OnnxError {
        OnnxErrorKind::Tensor { name: self.name.to_owned(), why: why.to_string() }.into()
    }

    fn shape(&self, held: &mut Held<'_>) -> Result<Vec<usize>, OnnxError> {
        let mut shape = Vec::new();
        self.tensor.dims.for_each_varint(|dim| {
            let size = usize::try_from(dim).map_err(|_| self.refuse(format_args!("dimension {dim} is negative")))?;
            held.push(&mut shape, size)
        })?;
        Ok(shape)
    }

    /// Bytes of an element in raw data.
    fn size(&self) -> Result<usize, OnnxError> {
        Ok(match self.tensor.data_type {
            element::UINT8 | element::INT8 | element::BOOL => 1,
            element::UINT16 | element::INT16 | element::FLOAT16 | element::BFLOAT16 => 2,
            element::FLOAT | element::INT32 | element::UINT32 => 4,
            element::DOUBLE | element::INT64 | element::UINT64 => 8,
            kind => {
                return Err(self.refuse(format_args!("elements of type {} are not supported", element::name(kind))));
            }
        })
    }

    fn count(&self, given: usize, needed: usize, what: &str) -> Result<(), OnnxError> {
        if given == needed {
            return Ok(());
        }
        Err(self.refuse(format_args!("it has {given} {what}, its shape needs {needed}")))
    }

    fn from_raw<const SIZE: usize, T>(
        &self,
        raw: &[u8],
        len: usize,
        number: impl Fn([u8; SIZE]) -> T,
        held: &mut Held<'_>,
    ) -> Result<Vec<T>, OnnxError> {
        self.count(raw.len(), len * SIZE, "bytes")?;
        let mut values = held.array(len)?;
        values.extend(raw.as_chunks::<SIZE>().0.iter().map(|bytes| number(*bytes)));
        Ok(values)
    }

    fn from_fixed<const SIZE: usize, T>(
        &self,
        numbers: &Repeated<'_>,
        len: usize,
        number: impl Fn([u8; SIZE]) -> T,
        held: &mut Held<'_>,
    ) -> Result<Vec<T>, OnnxError> {
        self.count(numbers.count_fixed::<SIZE>(), len, "elements")?;
        let mut values = held.array(len)?;
        values.extend(numbers.fixed::<SIZE>().map(number));
        Ok(values)
    }

    fn from_varints<T>(
        &self,
        numbers: &Repeated<'_>,
        len: usize,
        number: impl Fn(i64) -> Option<T>,
        held: &mut Held<'_>,
    ) -> Result<Vec<T>, OnnxError> {
        self.count(numbers.count_varints(), len, "elements")?;
        let mut values = held.array(len)?;
        numbers.for_each_varint(|v| {
            let index = values.len();
            let value = number(v).ok_or_else(|| self.refuse(format_args!("element {index} is {v}, out of range")))?;
            values.push(value);
            Ok(())
        })?;
        Ok(values)
    }

    fn ints(
        &self,
        raw: Option<&[u8]>,
        len: usize,
        (least, most): (i64, i64),
        held: &mut Held<'_>,
    ) -> Result<Vec<i64>, OnnxError> {
        let kind = self.tensor.data_type;
        let Some(raw) = raw else {
            let numbers = match kind {
                element::INT64 => &self.tensor.int64s,
                element::UINT32 | element::UINT64 => &self.tensor.uint64s,
                _ => &self.tensor.int32s,
            };
            let within = |v: i64| (least..=most).contains(&v).then_some(v);
            return self.from_varints(numbers, len, within, held);
        };
        let values = match kind {
            element::UINT8 => self.from_raw(raw, len, |b: [u8; 1]| i64::from(b[0]), held)?,
            element::BOOL => self.from_raw(raw, len, |b: [u8; 1]| i64::from(b[0] != 0), held)?,
            element::INT8 => self.from_raw(raw, len, |b| i64::from(i8::from_le_bytes(b)), held)?,
            element::UINT16 => self.from_raw(raw, len, |b| i64::from(u16::from_le_bytes(b)), held)?,
            element::INT16 => self.from_raw(raw, len, |b| i64::from(i16::from_le_bytes(b)), held)?,
            element::UINT32 => self.from_raw(raw, len, |b| i64::from(u32::from_le_bytes(b)), held)?,
            element::INT32 => self.from_raw(raw, len, |b| i64::from(i32::from_le_bytes(b)), held)?,
            _ => self.from_raw(raw, len, i64::from_le_bytes, held)?,
        };
        match values.iter().position(|v| *v < least) {
            Some(index) => Err(self.refuse(format_args!("element {index} is beyond 63 bits"))),
            None => Ok(values),
        }
    }

    /// One number may be infinite or none, for bounds; more may not.
    fn real(&self, shape: &[usize], elements: Elements) -> Result<Value, OnnxError> {
        let single = match &elements {
            Elements::F32(e) if e.len() == 1 => Some(f64::from(e[0])),
            Elements::F64(e) if e.len() == 1 => Some(e[0]),
            _ => None,
        };
        match single.filter(|v| !v.is_finite()) {
            Some(value) => Ok(Value::Extreme { shape: shape.to_vec(), value, name: self.name.to_owned() }),
            None => match Constant::new(shape, elements) {
                Ok(constant) => Ok(Value::real(constant, self.tensor.name)),
                Err(NetworkError::Memory(error)) => Err(error.into()),
                Err(error) => Err(self.refuse(error)),
            },
        }
    }
}
