import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect } from 'chai';

import { beginSpan, bound, inSpan, setTracing, traceHeaders, traceProperties } from '../../../src/tracing/tracing.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const none = () => ({});

describe('tracing', () => {
  describe('where it is on', () => {
    let exporter: InMemorySpanExporter;
    let provider: NodeTracerProvider;
    beforeEach(() => {
      exporter = new InMemorySpanExporter();
      provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
      provider.register();
      setTracing(true);
    });
    afterEach(async () => {
      setTracing(false);
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    });

    it('puts a span under the one that runs, and names it in headers', async () => {
      const headers = await inSpan('outer', none, () => inSpan('inner', none, () => Promise.resolve(traceHeaders())));
      const [inner, outer] = exporter.getFinishedSpans();
      expect([inner?.name, outer?.name]).to.deep.equal(['inner', 'outer']);
      expect(inner?.parentSpanContext?.spanId).to.equal(outer?.spanContext().spanId);
      const { traceId, spanId } = inner?.spanContext() ?? { traceId: '', spanId: '' };
      expect(headers).to.deep.equal({ traceparent: `00-${traceId}-${spanId}-01` });
    });

    it('begins a new trace, or continues a given one', async () => {
      const parent = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
      await inSpan('outer', none, async () => {
        await inSpan(
          'begins',
          () => ({ parent: null }),
          () => Promise.resolve(),
        );
        await inSpan(
          'goes on',
          () => ({ parent }),
          () => Promise.resolve(),
        );
      });
      const [begins, goesOn] = exporter.getFinishedSpans();
      expect(begins?.parentSpanContext).to.equal(undefined);
      expect(goesOn?.parentSpanContext?.spanId).to.equal('b7ad6b7169203331');
      expect(goesOn?.spanContext().traceId).to.equal('0af7651916cd43dd8448eb211c80319c');
    });

    it('says that the work failed, without its secrets', async () => {
      const work = (): Promise<never> => Promise.reject(new TypeError('X-Auth-Token: gAAAAABlanted_token'));
      await rejection(inSpan('fails', none, work));
      const [span] = exporter.getFinishedSpans();
      expect(span?.status.code).to.equal(SpanStatusCode.ERROR);
      expect(span?.attributes['error.type']).to.equal('TypeError');
      expect(span?.status.message).to.contain('X-Auth-Token').and.to.not.contain('gAAAA');
    });

    it('keeps work that waits for its turn under the span that it is for', async () => {
      const waiting: (() => Promise<void>)[] = [];
      await inSpan('first', none, () => {
        waiting.push(bound(() => inSpan('work', none, () => Promise.resolve())));
        return Promise.resolve();
      });
      await inSpan('second', none, async () => {
        for (const work of waiting) await work();
      });
      const spans = exporter.getFinishedSpans();
      const [first, work] = ['first', 'work'].map((name) => spans.find((span) => span.name === name));
      expect(work?.parentSpanContext?.spanId).to.equal(first?.spanContext().spanId);
    });
  });

  it('only does the work when tracing is off', async () => {
    const options = (): never => {
      throw new Error('nobody asks for them');
    };
    expect(await inSpan('off', options, (span) => Promise.resolve(span))).to.equal(null);
    const work = (): Promise<void> => Promise.resolve();
    expect(bound(work)).to.equal(work);
    expect(traceProperties()).to.deep.equal({});
    beginSpan('off')();
  });
});
