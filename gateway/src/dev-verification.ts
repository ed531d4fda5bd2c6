import type { Bus } from '@vestibule/shared/bus/bus';
import { CaptchaId, verificationContracts } from '@vestibule/shared/contracts/verification';
import { codeOf, type ErrorCode } from '@vestibule/shared/errors';
import { isMobileNumber } from '@vestibule/shared/phone';
import { TypeCompiler } from '@vestibule/shared/schema';
import type { FastifyInstance, FastifyReply } from 'fastify';

const captchaIds = TypeCompiler.Compile(CaptchaId);

/** There is no such thing, or the service, whose own settings decide too, does not show it. */
const hidden: readonly ErrorCode[] = ['captcha-unknown', 'code-unknown', 'not-allowed'];

/** In development: what a captcha shows, and the last code that went to a phone. */
export function addDevVerification(app: FastifyInstance, { bus }: { bus: Pick<Bus, 'call'> }): void {
  const options = { schema: { hide: true } };

  async function show(reply: FastifyReply, asked: Promise<object>): Promise<FastifyReply> {
    try {
      return reply.header('cache-control', 'no-store').send(await asked);
    } catch (error) {
      if (!hidden.includes(codeOf(error))) throw error;
      reply.callNotFound();
      return reply;
    }
  }

  app.get<{ Params: { id: string } }>('/dev/captcha/:id', options, ({ params, callContext }, reply) => {
    if (!captchaIds.Check(params.id)) return reply.callNotFound();
    return show(reply, bus.call(verificationContracts.revealCaptcha, params, callContext));
  });
  app.get<{ Params: { phone: string } }>('/dev/sms/:phone', options, ({ params, callContext }, reply) => {
    if (!isMobileNumber(params.phone)) return reply.callNotFound();
    return show(reply, bus.call(verificationContracts.revealCode, params, callContext));
  });
}
