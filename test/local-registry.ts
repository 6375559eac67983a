/**
 * A package registry on the loopback address, with what is installed in this repository and nothing else: so that an
 * installation can be tested for real where there is no network.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface Packed extends Manifest {
  readonly filename: string;
  readonly integrity: string;
}

export class LocalRegistry {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Packs what is installed at `root` for production, and `others`, into `folder`, and serves it.
   *
   * @param others further names, such as those of types
   */
  static async open(root: string, others: readonly string[], folder: string): Promise<LocalRegistry> {
    const paths = await installedPaths(root, others);
    await mkdir(folder);
    const flags = ['--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await exec('npm', ['pack', ...flags, ...paths], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    const packed = JSON.parse(stdout) as Packed[];
    const manifests = await Promise.all(
      paths.map(async (path) => JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as Manifest),
    );

    const server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '').slice(1);
      if (path.endsWith('.tgz')) {
        createReadStream(join(folder, path))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
        return;
      }
      const versions = manifests.filter(({ name }) => name === path);
      if (versions.length === 0) {
        response.writeHead(404).end('{}');
        return;
      }
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const describe = (manifest: Manifest) => {
        const { name, version } = manifest;
        const found = packed.find((each) => each.name === name && each.version === version);
        return { ...manifest, dist: { tarball: `${url}/${found?.filename}`, integrity: found?.integrity } };
      };
      response.end(
        JSON.stringify({
          name: path,
          'dist-tags': { latest: versions[0]?.version },
          versions: Object.fromEntries(versions.map((manifest) => [manifest.version, describe(manifest)])),
        }),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LocalRegistry(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

async function installedPaths(root: string, others: readonly string[]): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; link?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev, link }]) => path.startsWith('node_modules/') && link !== true && dev !== true)
    .map(([path]) => path)
    .concat(others.map((name) => `node_modules/${name}`))
    .map((path) => join(root, path))
    .filter((path) => existsSync(path));
}
