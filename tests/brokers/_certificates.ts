/**
 * Certificates for tests over TLS: an authority of the tests, and what it has signed.
 *
 * @module
 */

import { runProgram } from "./_process.ts";

/** Paths of a certificate and its key, in PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** An authority, and servers and a client that it vouches for. */
export interface Certificates extends AsyncDisposable {
  /** Path of the authority's certificate. */
  readonly authority: string;
  /** Path of the certificate of an authority that has signed nothing here. */
  readonly stranger: string;
  /** A server at `127.0.0.1` and `localhost`. */
  readonly server: CertificateFiles;
  /** A server at `localhost` only. */
  readonly otherName: CertificateFiles;
  /** A server whose certificate was valid until yesterday. */
  readonly expired: CertificateFiles;
  /** A client named `lab`. */
  readonly client: CertificateFiles;
}

/** Has openssl create certificates in a folder that lasts as long as this does. */
export async function createCertificates(): Promise<Certificates> {
  const folder = await Deno.makeTempDir({ prefix: "villas-certificates-" });
  await Deno.chmod(folder, 0o755); // a broker may run as another user
  const openssl = (...args: string[]) => runProgram("openssl", ...args);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

  async function createAuthority(name: string): Promise<CertificateFiles> {
    const files = { certificate: `${folder}/${name}.pem`, key: `${folder}/${name}.key` };
    const extensions = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign"];
    const subject = ["-subj", `/CN=${name}`, "-days", "2"];
    await openssl("req", "-x509", ...curve, ...subject, ...extensions, "-keyout", files.key, "-out", files.certificate);
    return files;
  }

  const authority = await createAuthority("authority");
  const stranger = await createAuthority("stranger");
  // `openssl ca` is the one that can date a certificate back.
  await Deno.writeTextFile(`${folder}/index.txt`, "");
  await Deno.writeTextFile(
    `${folder}/ca.conf`,
    `[ca]\ndefault_ca = tests\n[tests]\ndatabase = ${folder}/index.txt\nnew_certs_dir = ${folder}\nrand_serial = yes\n` +
      `default_md = sha256\npolicy = any\ncopy_extensions = copy\nunique_subject = no\n[any]\ncommonName = supplied\n`,
  );

  async function sign(name: string, alternatives: string, dates: readonly string[] = ["-days", "2"]) {
    const files = { certificate: `${folder}/${name}.pem`, key: `${folder}/${name}.key` };
    const request = `${folder}/${name}.csr`;
    const extensions = alternatives === "" ? [] : ["-addext", `subjectAltName=${alternatives}`];
    await openssl("req", ...curve, "-subj", `/CN=${name}`, ...extensions, "-keyout", files.key, "-out", request);
    const signed = [
      "-cert",
      authority.certificate,
      "-keyfile",
      authority.key,
      "-in",
      request,
      "-out",
      files.certificate,
    ];
    await openssl("ca", "-batch", "-notext", "-config", `${folder}/ca.conf`, ...signed, ...dates);
    await Deno.chmod(files.key, 0o644);
    return files;
  }

  return {
    authority: authority.certificate,
    stranger: stranger.certificate,
    server: await sign("server", "IP:127.0.0.1,DNS:localhost"),
    otherName: await sign("elsewhere", "DNS:elsewhere.example"),
    expired: await sign("expired", "IP:127.0.0.1,DNS:localhost", [
      ...["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"],
    ]),
    client: await sign("lab", ""),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
