/**
 * A `fetch` that sends one file and tells how much of it has gone, which that of the browser cannot. The
 * service reads a file as it comes, so that is also how far it has read.
 */
export function sendingFile(file: Blob, onSent: (share: number) => void): typeof fetch {
  return (input) =>
    new Promise((resolve, reject) => {
      const { method, url, headers } = input as Request;
      const upload = new XMLHttpRequest();
      upload.open(method, url);
      upload.responseType = 'blob';
      headers.forEach((value, name) => upload.setRequestHeader(name, value));
      upload.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 1);
      upload.onload = () => resolve(responseOf(upload));
      upload.onerror = () => reject(new TypeError('The file was not sent to its end'));
      upload.send(file);
    });
}

function responseOf(upload: XMLHttpRequest): Response {
  const type = upload.getResponseHeader('content-type');
  const headers: HeadersInit = type === null ? {} : { 'content-type': type };
  return new Response(upload.response as Blob, { status: upload.status, headers });
}
