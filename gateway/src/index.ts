export { buildGateway } from './app.ts';
export { type GatewayProfile, GatewaySettings, readGatewaySettings } from './config.ts';
