// A certificate authority and a server's certificate by it, made by openssl for one test.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

interface CertificateFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** For 127.0.0.1, valid for a day. */
export function makeCertificates(folder: string): CertificateFiles {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
  const [caFile, caKey, certFile, keyFile] = [file("ca.pem"), file("ca.key"), file("server.pem"), file("server.key")];
  openssl("req", "-x509", ...newKey, "-days", "1", "-subj", "/CN=Test CA", "-keyout", caKey, "-out", caFile);
  openssl("req", ...newKey, "-subj", "/CN=server", "-keyout", keyFile, "-out", file("server.csr"));
  writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1\n");
  const signer = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-days", "1", "-extfile", file("names")];
  openssl("x509", "-req", "-in", file("server.csr"), ...signer, "-out", certFile);
  return { caFile, certFile, keyFile };
}
