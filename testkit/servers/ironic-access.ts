import { required } from './environment.js';
import { TestKeystone } from './keystone.js';
import { SecondNeutron } from './second-neutron.js';

/** A user of Keystone, and the project of its tokens. */
export interface KeystoneAccount {
  name: string;
  password: string;
  project: string;
}

/** A Neutron, and how everybody logs in to it and to Ironic. */
export interface IronicAccess {
  /** The URL of Neutron. */
  readonly neutron: string;
  /** Variables of the `baremetal` command of an operator. */
  readonly operator: Record<string, string>;
  /** Variables of netprov's worker and commands. */
  readonly netprov: Record<string, string>;
  /** The account of Ironic and netprov; null where nobody logs in. */
  readonly service: KeystoneAccount | null;
  stop(): Promise<void>;
}

/** The tests' Neutron, and an Ironic, without Keystone. */
export const OPEN: IronicAccess = {
  get neutron() {
    return required('NETPROV_NEUTRON_ENDPOINT');
  },
  operator: { OS_AUTH_TYPE: 'none' },
  netprov: {},
  service: null,
  stop: () => Promise.resolve(),
};

/** Variables of the `baremetal` command of a user. */
export function loginOf({ name, password, project }: KeystoneAccount): Record<string, string> {
  return { ...byPassword(name, password), OS_PROJECT_NAME: project, OS_PROJECT_DOMAIN_NAME: 'Default' };
}

function byPassword(name: string, password: string): Record<string, string> {
  return {
    OS_AUTH_TYPE: 'password',
    OS_AUTH_URL: required('NETPROV_KEYSTONE_URL'),
    OS_USERNAME: name,
    OS_PASSWORD: password,
    OS_USER_DOMAIN_NAME: 'Default',
  };
}

/** A second server of the tests' Neutron, which wants tokens of the tests' Keystone, as Ironic then does. */
export class KeystoneAccess implements IronicAccess {
  readonly operator = {
    ...byPassword('admin', required('NETPROV_KEYSTONE_ADMIN_PASSWORD')),
    OS_SYSTEM_SCOPE: 'all',
  };

  private constructor(
    readonly keystone: TestKeystone,
    readonly service: KeystoneAccount,
    private readonly server: SecondNeutron,
  ) {}

  static async start(): Promise<KeystoneAccess> {
    const keystone = new TestKeystone();
    await keystone.logInAsAdmin();
    const project = required('NETPROV_KEYSTONE_PROJECT');
    await keystone.needRole('service');
    const { id, name, password } = await keystone.makeUser('admin', { project });
    await keystone.addRole({ id }, 'service', project);
    const account = { name, password, project };
    const server = await SecondNeutron.start({
      DEFAULT: { auth_strategy: 'keystone' },
      keystone_authtoken: { ...authtokenOf(account), interface: 'public' },
    });
    return new KeystoneAccess(keystone, account, server);
  }

  get neutron(): string {
    return this.server.endpoint;
  }

  get netprov(): Record<string, string> {
    const login = {
      AUTH_TYPE: 'password',
      AUTH_URL: this.keystone.url,
      USERNAME: this.service.name,
      PASSWORD: this.service.password,
      PROJECT_NAME: this.service.project,
    };
    const sections = ['NEUTRON', 'IRONIC'];
    return Object.fromEntries(
      sections.flatMap((section) =>
        Object.entries(login).map(([name, value]) => [`NETPROV_${section}_${name}`, value]),
      ),
    );
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.keystone.drop();
  }
}

/** Options with which a service logs in to Keystone: of keystone_authtoken, and of the sections of other services. */
export function authtokenOf({ name, password, project }: KeystoneAccount): Record<string, string> {
  return {
    auth_type: 'password',
    auth_url: required('NETPROV_KEYSTONE_URL'),
    username: name,
    password,
    user_domain_name: 'Default',
    project_name: project,
    project_domain_name: 'Default',
  };
}
