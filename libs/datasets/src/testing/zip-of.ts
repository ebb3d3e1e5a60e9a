import { crc32, deflateRawSync } from 'node:zlib';

/** A file in a zip; what is given beside name and content is stated though it may be wrong. */
export interface ZipFile {
  readonly name: string;
  readonly content: Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly crc32?: number;
  readonly sizeBytes?: number;
  readonly packedBytes?: number;
}

/** A zip by hand, since no tool writes wrong ones. */
export function zipOf(...files: readonly ZipFile[]): Buffer {
  const [locals, entries]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const file of files) {
    const packed = deflateRawSync(file.content);
    const fields = fieldsOf(file, packed);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04\x14\0', 'latin1'),
      fields,
      Buffer.from(file.name),
      packed,
    ]);
    const offset = Buffer.alloc(14);
    offset.writeUInt32LE(at, 10);
    entries.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02\x14\0\x14\0', 'latin1'),
        fields,
        offset,
        Buffer.from(file.name),
      ]),
    );
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** From the flags up to the length of extra fields, the same in both headers of a file. */
function fieldsOf(file: ZipFile, packed: Buffer): Buffer {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(file.flags ?? 0, 0);
  fields.writeUInt16LE(file.method ?? 8, 2);
  fields.writeUInt32LE(file.crc32 ?? crc32(file.content), 8);
  fields.writeUInt32LE(file.packedBytes ?? packed.length, 12);
  fields.writeUInt32LE(file.sizeBytes ?? file.content.length, 16);
  fields.writeUInt16LE(file.name.length, 20);
  return fields;
}
