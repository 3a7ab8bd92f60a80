//! Tensors whose data lies beside the model, in other files.
//!
//! Source: "External Data", github.com/onnx/onnx, docs/ExternalData.md. A model may come from anywhere: what it names must
//! lie in the model's own folder, also after every link was followed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use super::proto::Tensor;
use super::wire::Held;
use super::{OnnxError, OnnxErrorKind};

/// Bytes read between two looks at the budget.
const CHUNK: usize = 1 << 20;

/// The `needed` bytes of a tensor.
pub fn read(
    tensor: &Tensor<'_>,
    name: &str,
    needed: u64,
    folder: Option<&Path>,
    held: &mut Held<'_>,
) -> Result<Vec<u8>, OnnxError> {
    let mut location = None;
    let (mut offset, mut length) = (None, None);
    let refuse = |location: Option<&str>, why: String| -> OnnxError {
        let location = location.unwrap_or_default().to_owned();
        OnnxErrorKind::External { tensor: name.to_owned(), location, why }.into()
    };
    for &(key, value) in &tensor.external {
        let number = || value.parse::<u64>().map_err(|_| refuse(location, format!("{key} is {value:?}")));
        let twice = match key {
            "location" => location.replace(value).is_some(),
            "offset" => offset.replace(number()?).is_some(),
            "length" => length.replace(number()?).is_some(),
            _ => false,
        };
        if twice {
            return Err(refuse(location, format!("{key} is there twice")));
        }
    }
    let place = location.unwrap_or_default();
    let refuse = |why: String| refuse(location, why);
    let Some(folder) = folder else {
        return Err(refuse("the model came without a folder".to_owned()));
    };
    let path = Path::new(place);
    let sound = !place.is_empty()
        && !place.contains('\0')
        && path.components().all(|c| matches!(c, Component::Normal(_)))
        && !place.ends_with('/');
    if !sound {
        return Err(refuse("it must be a file in the model's folder, named without .. or a root".to_owned()));
    }
    let failed = |e: std::io::Error| refuse(e.to_string());
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = folder.canonicalize().map_err(failed)?;
    let path = folder.join(path).canonicalize().map_err(failed)?;
    if !path.starts_with(&folder) {
        return Err(refuse("a link leads out of the model's folder".to_owned()));
    }
    // Looked at before it is opened too: opening a pipe would wait for its other end.
    let is_file = |is_file: bool| if is_file { Ok(()) } else { Err(refuse("it is no file".to_owned())) };
    is_file(path.metadata().map_err(failed)?.is_file())?;
    let mut file = File::open(&path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    is_file(meta.is_file())?;

    let offset = offset.unwrap_or(0);
    let length = length.unwrap_or(needed);
    if length != needed {
        return Err(refuse(format!("{length} bytes are named, the tensor's shape needs {needed}")));
    }
    if offset.checked_add(length).is_none_or(|end| end > meta.len()) {
        return Err(refuse(format!("{length} bytes from {offset} on are wanted, it has {}", meta.len())));
    }
    let total = usize::try_from(length).map_err(|_| refuse(format!("{length} bytes are too many")))?;
    held.grant(&path, meta.len());
    let mut bytes = held.array(total)?;
    file.seek(SeekFrom::Start(offset)).map_err(failed)?;
    while bytes.len() < total {
        held.budget().check()?;
        let begin = bytes.len();
        bytes.resize(total.min(begin + CHUNK), 0);
        file.read_exact(&mut bytes[begin..]).map_err(failed)?;
    }
    Ok(bytes)
}
